"""Machines with USB controllers, for the tests of their drivers."""

import time

from ahcidisks import value
from qemu.qmp import ExecuteError

__all__ = ["CONTROLLERS", "machine", "plug", "settle", "value"]

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
