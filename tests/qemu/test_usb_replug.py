"""Out, and something else in again at once, at any moment of what happens to the one before."""

import random
import time

import pytest
from ahcidisks import value
from usbplugs import plugged

pytestmark = pytest.mark.usb

_KINDS = {
    "qemu-xhci": ("usb-mouse", "usb-tablet", "usb-kbd", "hub", "hub"),
    "usb-ehci": ("usb-mouse", "usb-tablet", "usb-kbd"),  # its hubs would be the companion's
}
_PORTS = (1, 2, 3)
_ROUNDS, _ROUNDS_FULL = 6, 300
_PAUSES_S = (0, 0, 0.002, 0.02, 0.12, 0.25)  # debounce and reset end between them


@pytest.mark.parametrize("controller", _KINDS)
def test_the_last_one_is_taken_in(vm_factory, tmp_path, full, controller):
    """Devices, and hubs with what they have, at three ports side by side; nobody is an error."""
    _, repl, plug = plugged(vm_factory, tmp_path, controller)
    plug.high = "ehci" in controller
    rng = random.Random(6)
    there = {}
    for n in range(_ROUNDS_FULL if full else _ROUNDS):
        for port in rng.choices(_PORTS, k=8):
            if port in there:
                plug.pull(there.pop(port)[0])
            if rng.random() < 0.8:
                there[port] = plug.add(rng.choice(_KINDS[controller]), port)
            time.sleep(rng.choice(_PAUSES_S))
        repl.exec(f"quiet({sum(count for _, count in there.values())})", timeout=60)
        assert value(repl, "troubles()") == [], n
    for name, _ in there.values():
        plug.pull(name)
    repl.exec("quiet(0)", timeout=60)
    assert value(repl, "held()")[:2] == (0, 0)
    assert value(repl, "troubles()") == []
    repl.exec("usb.release()")
    assert value(repl, "(dma.stats()[0], usbtask.loop().tasks)") == (0, [])
