"""ParallelsDriver on the fake prlctl: guests are scripts, and once the real image in QEMU."""

import json
from contextlib import ExitStack

import pytest
from environments import environment
from fake_prl.harness import SMALL
from lab import EXAMPLES
from labgrid import Environment, Target
from labgrid.binding import BindingError
from labgrid.driver import ExecutionError

from pyrallax.labgrid.machine import ParallelsDriver
from pyrallax.labgrid.resources import NetworkPyrallaxMachine

pytestmark = pytest.mark.host

_DRIVERS = """\
      ParallelsDriver:
        options: {options}
      MicroPythonDriver: {{}}
      PyrallaxStrategy: {{}}
"""


@pytest.fixture
def make(tmp_path):
    """make(**options): a target with such a machine."""
    with ExitStack() as ending:

        def make(**options):
            drivers = _DRIVERS.format(options=json.dumps({"size": SMALL, **options}))
            return ending.enter_context(environment(tmp_path, drivers)).get_target("main")

        yield make


def test_from_off_to_code_and_back(prl, make):
    target = make(cpus=2)
    strategy = target.get_driver("Strategy")
    strategy.transition("shell")
    (row,) = prl.vms().values()
    assert row["settings"]["cpus"] == "2"
    shell, power = target.get_driver("MicroPythonDriver"), target.get_driver("ParallelsDriver")
    assert shell.run_check("print(6 * 7)") == ["42"] and power.get()
    assert power.status()["kind"] == "parallels" and power.status()["name"] == row["name"]
    strategy.transition("off")
    assert not power.get() and prl.vms() == {}
    strategy.transition("prompt")
    (again,) = prl.vms()
    assert again != row["name"]  # each is fresh


def test_keys_reset_and_the_end_of_its_target(prl, make):
    target = make()
    power = target.get_driver("ParallelsDriver")
    with pytest.raises(ExecutionError, match=r"the machine is off: switch it on first"):
        power.type("a")
    power.on()
    power.type("aB")
    power.press("ctrl-c", "ret")
    assert len(prl.keys()) == 3  # a batch for the text, one for each chord
    with pytest.raises(ExecutionError, match="no such key: 'nosuch'"):
        power.press("nosuch")
    power.reset()
    (row,) = prl.vms().values()
    assert [row["uuid"]] in prl.calls("reset")
    target.cleanup()
    assert prl.vms() == {}


def test_why_parallels_refuses_reaches_the_tester(prl, make):
    target = make()
    power = target.get_driver("ParallelsDriver")
    prl.inject(licence="EXPIRED")
    with pytest.raises(ExecutionError, match="is EXPIRED: open it and sign in"):
        power.on()
    assert prl.vms() == {} and not power.get()


def test_options_that_it_does_not_have(make):
    with pytest.raises(ExecutionError, match="a machine parallels has no gic: it has cpus"):
        make(gic=3).get_driver("ParallelsDriver")


def test_the_real_image_in_the_machine_of_the_page(prl, monkeypatch, tmp_path):
    monkeypatch.setenv("FAKE_PRL_GUEST", "qemu")
    example = Environment(str(EXAMPLES / "parallels.yaml"))
    try:
        target = example.get_target("main")
        target.get_driver("Strategy").transition("shell")
        (row,) = prl.vms().values()
        assert row["settings"]["memsize"] == "1024"
        shell = target.get_driver("MicroPythonDriver")
        assert shell.run_check("import sys; print(sys.platform)") == ["pyrallax"]
        target.get_driver("ParallelsDriver").screenshot(str(tmp_path / "screen.png"))
        assert (tmp_path / "screen.png").read_bytes().startswith(b"\x89PNG")
    finally:
        example.cleanup()


def test_it_is_for_places_with_parallels_only():
    target = Target("main")
    NetworkPyrallaxMachine(target, name=None, host="h", port=1, kind="direct", control=2)
    with pytest.raises(BindingError, match="the place has a machine direct, none of Parallels"):
        ParallelsDriver(target, name=None)
    target = Target("main")
    NetworkPyrallaxMachine(target, name=None, host="h", port=1, kind="parallels", control=2)
    with pytest.raises(BindingError, match="as its exporter made it"):
        ParallelsDriver(target, name=None, options={"cpus": 2})
