"""labgrid's UBootDriver stops the countdown of `ush=N`, by its own defaults."""

import pytest

pytestmark = pytest.mark.host

BOOT_ARGS = "ush=9"
DRIVERS = """\
      UBootDriver:
        prompt: '\\n=> '
"""


def test_countdown_and_a_prompt_that_no_output_looks_like(target):
    target.get_driver("QEMUDriver").on()
    uboot = target.get_driver("UBootDriver")
    (line,) = uboot.run_check("crc32 $loadaddr 100")
    assert line.startswith("crc32 for ") and " ==> " in line
    assert uboot.run("false")[2] == 1
