"""Ctrl-C at a program that waits for USB: it is the program's, not a driver's."""

import pytest
from ahcidisks import value

pytestmark = pytest.mark.usb

_DRIVER = """
import machine, time, usbtask, usbloop
usbtask.use(usbloop.Loop(time, None, machine.idle))  # no timer: the program steps all
seen = []
def driver():
    yield 1
    print("spinning")
    t = time.ticks_ms()
    while time.ticks_diff(time.ticks_ms(), t) < SPIN:
        pass
    seen.append("step")
    yield 60000
def program():
    usbtask.run((ms for ms in (60000,)))
task = usbtask.start(driver())
try: program()
except KeyboardInterrupt: seen.append("program")
"""


@pytest.mark.parametrize("spin_ms", [400, 2500])
def test_a_driver_that_works_is_not_hit(vm_factory, spin_ms):
    """Unless it works for longer than Ctrl-C waits; the program ends in any case."""
    vm = vm_factory()
    repl = vm.repl()
    said, told = bytearray(), []

    def heard(data):
        said.extend(data)
        if b"spinning" in said and not told:
            told.append(vm.wire.write(b"\x03"))

    repl.run(_DRIVER.replace("SPIN", str(spin_ms)), sink=heard)
    patient = spin_ms < 1500
    assert value(repl, "seen") == (["step", "program"] if patient else ["program"])
