"""USB from the prompt: hubs, plugging while other things go on, listing, captures, own drivers."""

import re

import pytest
from ahcidisks import value

from pyrallax import ROOT

pytestmark = pytest.mark.usb

_X = "qemu-xhci,id=x"
_HUBS = (
    _X,
    "usb-hub,bus=x.0,port=1,id=outer",
    "usb-mouse,bus=x.0,port=1.1",
    "usb-hub,bus=x.0,port=1.2,id=inner",
    "usb-kbd,bus=x.0,port=1.2.3,id=kbd",
    "usb-tablet,bus=x.0,port=2",
)
_WAIT = """
import time, usb, dma, usbtask
def until(what, ms=20000):
    t = time.ticks_ms()
    while not what():
        time.sleep_ms(2)
        assert time.ticks_diff(time.ticks_ms(), t) < ms, (usb.devices(), usb.probe()[0].busy())
def quiet(n):
    until(lambda: len(usb.devices()) == n and not usb.probe()[0].busy())
"""


def started(vm_factory, *devices, **more):
    """(VM, raw REPL) with everything probed."""
    vm = vm_factory(device=list(devices), **more)
    repl = vm.repl()
    repl.exec(_WAIT)
    repl.exec("buses = usb.probe()", timeout=90)
    return vm, repl


def listed(repl) -> list[str]:
    return sorted(repl.exec("usb.lsusb(verbose=False)").splitlines())


def test_hubs_two_deep_and_the_way_back(vm_factory):
    vm, repl = started(vm_factory, *_HUBS)
    assert value(repl, "sorted([d.name for d in usb.devices()])") == [
        "1-1", "1-1.1", "1-1.2", "1-1.2.3", "1-2",
    ]  # fmt: skip
    full = value(repl, "dma.stats()[:2]")
    vm.qmp("device_del", id="outer")
    repl.exec("quiet(1)")
    assert value(repl, "[d.name for d in usb.devices()]") == ["1-2"]
    vm.qmp("device_add", driver="usb-hub", bus="x.0", port="1", id="outer")
    repl.exec("quiet(2)")
    vm.qmp("device_add", driver="usb-mouse", bus="x.0", port="1.1")
    vm.qmp("device_add", driver="usb-hub", bus="x.0", port="1.2", id="inner")
    repl.exec("quiet(4)")
    vm.qmp("device_add", driver="usb-kbd", bus="x.0", port="1.2.3", id="kbd")
    repl.exec("quiet(5)")
    assert value(repl, "dma.stats()[:2]") == full
    repl.exec("usb.release()")
    assert value(repl, "(dma.stats()[0], usbtask.loop().tasks)") == (0, [])


def test_hot_plug_leaves_nothing(vm_factory, full):
    """Behind a hub and at the root in turns."""
    vm, repl = started(vm_factory, _X, "usb-hub,bus=x.0,port=1")
    before = None
    for n in range(500 if full else 30):
        port = "1.1" if n % 2 else "2"
        vm.qmp("device_add", driver="usb-kbd", bus="x.0", port=port, id="k")
        repl.exec("quiet(2)")
        vm.qmp("device_del", id="k")
        repl.exec("quiet(1)\nimport gc\ngc.collect()")
        now = value(repl, "(dma.stats()[:2], len(buses[0].hcd.slots.used), gc.mem_alloc())")
        if n == 5:
            before = now
    assert now[:2] == before[:2] and now[1] == 1
    assert now[2] < before[2] + 4096, (before, now)


def test_plugging_is_heard_of_whatever_goes_on(vm_factory):
    vm, repl = started(vm_factory, _X)
    repl.exec("seen = []\nundo = usb.on_attach(lambda d, there: seen.append((d.id, there)))")
    vm.qmp("device_add", driver="usb-kbd", bus="x.0", id="k")
    repl.exec("n = 0\nuntil(lambda: seen)")  # a program that computes
    repl.exec(
        "import asyncio\nasync def main():\n    while len(seen) < 2: await asyncio.sleep(0.01)"
    )
    vm.qmp("device_del", id="k")
    repl.exec("asyncio.run(asyncio.wait_for(main(), 10))")
    assert value(repl, "seen") == [("0627:0001", True), ("0627:0001", False)]
    repl.exec("undo()")
    vm.qmp("device_add", driver="usb-kbd", bus="x.0", id="k")
    repl.exec("quiet(1)")
    assert len(value(repl, "seen")) == 2


def test_lsusb(vm_factory, tmp_path):
    (tmp_path / "disk").write_bytes(bytes(1 << 20))
    drive = [
        "-drive", f"if=none,id=u,format=raw,file={tmp_path / 'disk'}",
        "-device", "usb-storage,bus=x.0,drive=u,port=3",
    ]  # fmt: skip
    _, repl = started(vm_factory, _X, "usb-kbd,bus=x.0,port=1", extra=drive)
    assert [line[line.index("ID") :] for line in listed(repl)] == [
        "ID 0627:0001 QEMU QEMU USB Keyboard",
        "ID 46f4:0001 QEMU QEMU USB HARDDRIVE",
    ]
    text = repl.exec("usb.lsusb()")
    assert len(re.findall(r"^Device Descriptor:$", text, re.M)) == 2
    for line in (
        "      bInterfaceClass         8 Mass Storage",
        "      bInterfaceSubClass      6 SCSI",
        "      bInterfaceProtocol     80 Bulk-Only",
        "        bEndpointAddress     0x02  EP 2 OUT",
        "          Transfer Type            Bulk",
        "        bMaxBurst              15",
        "    wSpeedsSupported   0x000e",
    ):
        assert line in text.splitlines(), line


def test_requests_by_hand(vm_factory):
    _, repl = started(vm_factory, _X, "usb-kbd,bus=x.0")
    repl.exec("d = usb.devices()[0]")
    assert value(repl, "d.control(0x80, 6, 0x100, 0, 18)[:4]") == b"\x12\x01\x00\x02"
    repl.exec(
        "try:\n    d.control(0x80, 6, 0x900, 0, 18)\n"
        "except OSError as why:\n    number = why.errno\nelse:\n    number = None"
    )
    assert value(repl, "number") == 32
    assert value(repl, "d.control(0x80, 8, 0, 0, 1)") == b"\x01"
    repl.exec(
        "import asyncio\nasync def ask():\n"
        "    return await usbtask.wait(usbtask.start(d.request(0x80, 8, 0, 0, 1)))"
    )
    assert value(repl, "asyncio.run(ask())") == b"\x01"


def test_the_driver_of_the_page(vm_factory):
    """docs/reference/usbcore.md's example, for a keyboard."""
    page = (ROOT / "docs/reference/usbcore.md").read_text()
    code = re.search(r"## A class driver\n\n```python\n(.*?)```", page, re.S)[1]
    code = code.replace('device.id == "1209:0001"', "interface.class_ == 3")
    vm = vm_factory(device=[_X, "usb-kbd,bus=x.0"], append="usb=off")
    repl = vm.repl()
    repl.exec(_WAIT + code.replace("print(bytes", "seen.append(bytes") + "\nseen = []")
    repl.exec("usb.probe()", timeout=60)
    for down in (True, False):
        key = {"type": "qcode", "data": "a"}
        vm.qmp("input-send-event", events=[{"type": "key", "data": {"down": down, "key": key}}])
    repl.exec("until(lambda: len(seen) >= 2)")
    assert value(repl, "seen[:2]") == [bytes((0, 0, 4, 0, 0, 0, 0, 0)), bytes(8)]
    repl.exec("usb.release()")
    assert value(repl, "dma.stats()[0]") == 0
