"""Machines with USB controllers, for the tests of their drivers."""

import time

from ahcidisks import value
from qemu.qmp import ExecuteError

__all__ = [
    "CONTROLLERS",
    "LISTEN",
    "STALLS_AND_CANCELS",
    "at_word",
    "machine",
    "plug",
    "press",
    "settle",
    "value",
]

CONTROLLERS = ("qemu-xhci", "nec-usb-xhci")
_START = """
import dma, usb, {driver}, usbcore, usbtask
usb.release()
del usbcore._drivers[:]
from usbendpoint import Transfer
c = {driver}.controllers({options})[0]
bus = usbcore.Bus(c)
usbtask.run(bus.settle(300))
d = bus.devices[0] if bus.devices else None
def stop():
    usbtask.run(bus.close())
"""

# Reports of endpoint 0x81 of `d`, by `t`, into `came`.
LISTEN = """
came = []
e = d.endpoints[0x81]
t = Transfer(e, dma.alloc(8))
def heard(t):
    came.append((t.status, bytes(memoryview(t.buffer)[:t.actual])))
    if t.status == 0: t.submit()
t.callback = heard
assert t.submit() == 0
def until(n, ms=5000):
    import time
    begun = time.ticks_ms()
    while len(came) < n and time.ticks_diff(time.ticks_ms(), begun) < ms: time.sleep_ms(1)
    return came
"""
# Of the same, at `t`.
STALLS_AND_CANCELS = """
for n in range(20):
    try:
        d.control(0x80, 6, 0x7700, 0, 8)
        assert False
    except OSError as why:
        assert why.errno == 32, why
    assert len(d.control(0x80, 6, 0x0100, 0, 18)) == 18
for n in range(20):
    t.cancel()
    until(n + 1)
    assert came[-1] == (-125, b""), came
    assert t.submit() == 0
"""


def machine(vm_factory, *devices, controller="qemu-xhci", options="", beside=(), **more):
    """(VM, raw REPL) of a machine with these on controller `x`; `c`, `bus`, first device `d`."""
    driver = "ehci" if "ehci" in controller else "xhci"
    if driver == "xhci" and more.get("machine") != "uefi":
        more.setdefault("append", "usb=off")
    device = [f"{controller},id=x", *beside, *(f"{name},bus=x.0" for name in devices)]
    vm = vm_factory(device=device, **more)
    repl = vm.repl()
    repl.exec(_START.format(driver=driver, options=options), timeout=60)
    return vm, repl


def press(vm, key: str, down: bool) -> None:
    """A key of QEMU's keyboard, by its qcode."""
    vm.qmp(
        "input-send-event",
        events=[
            {"type": "key", "data": {"down": down, "key": {"type": "qcode", "data": key}}},
        ],
    )


def settle(repl, count: int, timeout: float = 60) -> None:
    """Until the bus has so many devices and nothing goes on."""
    repl.exec(
        f"import time\nt = time.ticks_ms()\n"
        f"while len(bus.devices) != {count} or bus.busy():\n"
        f"    time.sleep_ms(2)\n"
        f"    assert time.ticks_diff(time.ticks_ms(), t) < 20000, (bus.devices, bus.busy())",
        timeout=timeout,
    )


def plug(vm, **device) -> None:
    """device_add; what the last one had is in use until QEMU has come round to it."""
    deadline = time.monotonic() + 20
    while True:
        try:
            vm.qmp("device_add", **device)
            return
        except ExecuteError as why:
            if "in use" not in str(why) or time.monotonic() > deadline:
                raise
        time.sleep(0.05)


def at_word(repl, code: str, word: bytes, then, timeout: float = 60) -> str:
    """What the code prints; then() is called once that has the word: nobody has to guess when."""
    said, done = bytearray(), []

    def heard(data):
        said.extend(data)
        if word in said and not done:
            done.append(then())

    result = repl.run(code, timeout, sink=heard)
    assert done and not result.stderr, (bytes(said), result.stderr)
    return said.decode()
