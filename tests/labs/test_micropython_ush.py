"""MicroPythonDriver on a machine that starts into ush."""

import pytest

pytestmark = pytest.mark.host

BOOT_ARGS = "ush"
DRIVERS = """\
      MicroPythonDriver: {}
      PyrallaxStrategy: {}
"""


def test_the_way_through_ush(target):
    strategy = target.get_driver("Strategy")
    strategy.transition("prompt")
    console = target.get_driver("ConsoleProtocol")
    console.sendline("echo $?")
    console.expect("\n0\r\n=> ", timeout=30)
    strategy.transition("shell")
    assert target.get_driver("CommandProtocol").run_check("print(1)") == ["1"]
