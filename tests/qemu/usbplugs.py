"""Machines whose USB devices come and go by QMP, for the tests of hot plug."""

import random

from usbmachines import plug

_HIGH = ("usb-kbd", "usb-mouse", "usb-tablet")
_CHILDREN = ("usb-kbd", "usb-mouse", "usb-hub")

_TOOLS = """
import gc, time, dma, keyboard, klog, usb, usbtask
bus = usb.probe()[0]
def quiet(n, ms=30000):
    t = time.ticks_ms()
    while len(bus.devices) != n or bus.busy():
        time.sleep_ms(2)
        assert time.ticks_diff(time.ticks_ms(), t) < ms, (bus.devices, bus.busy())
def held():
    "Slots or addresses, tasks, DMA buffers, listed devices: what a device takes."
    hcd = bus.hcd
    used = hcd.slots.used if hcd.kind == "xhci" else hcd.devices.used
    tasks = [t for t in usbtask.loop().tasks if t.name != "ehci idle"]  # a while longer
    return len(used), len(tasks), dma.stats()[:2], len(bus.devices)
def heap():
    for _ in range(3): gc.collect()
    return gc.mem_alloc()
def troubles():
    lines = klog.read()[0].decode().split("\\n")
    return [l for l in lines if l[1:2] in "0123" and "usb" in l]
"""


class Plugs:
    """The sockets of controller `u`; ports 1 to 4 are for what comes and goes."""

    def __init__(self, vm):
        self.vm = vm
        self.count = 0
        self.high = False  # what may be is of high speed

    def add(self, kind, port):
        """Plug one in; its id, and how many devices that are."""
        self.count += 1
        name = f"n{self.count}"
        if kind != "hub":
            self._add(kind, name, port)
            return name, 1
        self._add("usb-hub", name, port)
        inner = f"{name}c{len(_CHILDREN) - 1}"
        for n, child in enumerate(_CHILDREN):
            self._add(child, f"{name}c{n}", f"{port}.{n + 1}")
        self._add("usb-mouse", f"{inner}m", f"{port}.{len(_CHILDREN)}.1")
        return name, len(_CHILDREN) + 2

    def _add(self, kind, name, port):
        more = {
            "usb-storage": {"drive": "d0", "share-rw": True},
            "usb-serial": {"chardev": "line", "always-plugged": True},
        }
        if self.high and kind in _HIGH:
            more[kind] = {"usb_version": 2}
        plug(self.vm, driver=kind, id=name, bus="u.0", port=str(port), **more.get(kind, {}))

    def pull(self, name):
        """Out it goes, with what hangs on it."""
        self.vm.qmp("device_del", id=name)


def plugged(vm_factory, folder, controller, *devices, **options):
    """(VM, prompt, Plugs) of a machine with that controller `u`, probed; `folder`/disk is d0's."""
    (folder / "disk").write_bytes(random.Random(1).randbytes(1 << 20))
    sockets = "" if "ehci" in controller else ",p2=8,p3=8"
    vm = vm_factory(
        device=[f"{controller},id=u{sockets}", *devices],
        extra=[
            *("-blockdev", f"driver=file,node-name=d0,filename={folder / 'disk'}"),
            *("-chardev", "null,id=line"),
        ],
        **options,
    )
    repl = vm.repl()
    repl.exec(_TOOLS, timeout=60)
    return vm, repl, Plugs(vm)
