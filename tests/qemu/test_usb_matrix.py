"""QEMU's USB devices on each controller, GIC and way of boot, at the root and two hubs deep."""

import contextlib
import hashlib
import itertools
import random
import socket
import tempfile
import time
from pathlib import Path

import pytest
from leaks import leaks

pytestmark = pytest.mark.usb

CONTROLLERS = ("qemu-xhci", "nec-usb-xhci", "usb-ehci")
_MACHINES = [("direct", 2), ("direct", 3), ("uefi", 3)]
# QEMU's EHCI takes devices of high speed alone: neither its hub nor usb-serial.
_MATRIX = [
    (controller, machine, deep)
    for controller, machine, deep in itertools.product(CONTROLLERS, _MACHINES, (False, True))
    if not (deep and controller == "usb-ehci")
]
# What each says of itself; at the root storage is SuperSpeed where the controller has that.
_KINDS = {
    "usb-kbd": ("0627:0001", "QEMU USB Keyboard"),
    "usb-mouse": ("0627:0001", "QEMU USB Mouse"),
    "usb-tablet": ("0627:0001", "QEMU USB Tablet"),
    "usb-storage": ("46f4:0001", "QEMU USB HARDDRIVE"),
    "usb-serial": ("0403:6001", "QEMU USB SERIAL"),
}
_BLOCKS = 64


@pytest.fixture
def line():
    """A listening socket for usb-serial, its path short enough for one."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{folder}/s")
        server.listen()
        server.settimeout(20)
        yield server


def _devices(kinds, deep):
    """`-device` values: one of each; with two hubs between in each one's way."""
    at = {"usb-storage": "drive=d0", "usb-serial": "chardev=line"}
    devices = ["usb-hub,bus=u.0,port=2", "usb-hub,bus=u.0,port=2.3"] if deep else []
    ports = (f"2.3.{n}" for n in itertools.count(1)) if deep else itertools.count(1)
    for kind, port in zip(kinds, ports, strict=False):
        devices.append(",".join(filter(None, [kind, at.get(kind), f"bus=u.0,port={port}"])))
    return devices


def _until(repl, expression, wanted):
    end = time.monotonic() + 10
    while (value := repl.eval(expression)) != wanted and time.monotonic() < end:
        time.sleep(0.02)
    assert value == wanted


def _keys(vm, repl):
    repl.exec(
        "import keyboard\nkeys = []\nkeyboard.keys().listen(lambda *event: keys.append(event[:2]))"
    )
    vm.keyboard.press("q")
    _until(repl, "keys", [(0x14, 1), (0x14, 0)])


def _pointers(vm, repl):
    repl.exec("import mouse\np = mouse.pointer()")

    def send(kind, x, y):
        axes = (("x", x), ("y", y))
        events = [{"type": kind, "data": {"axis": axis, "value": v}} for axis, v in axes]
        vm.qmp("input-send-event", events=events)

    send("abs", 32767, 77)
    _until(repl, "(p.x, p.y)", (32767, 77))
    send("rel", -7, 5)
    _until(repl, "(p.x, p.y)", (32760, 82))


def _blocks(repl, data):
    """All of the disk at once, then a block changed."""
    repl.exec(
        "import usbmsc\ndisk = usbmsc.disks()[0]\n"
        f"buf = bytearray({_BLOCKS * 512})\nassert not disk.readblocks(0, buf)"
    )
    assert repl.eval("(disk.ioctl(4, 0), disk.ioctl(5, 0))") == (_BLOCKS, 512)
    repl.exec("import hashlib\nh = hashlib.sha256(buf).digest()")
    assert repl.eval("h") == hashlib.sha256(data).digest()
    repl.exec(
        "assert not disk.writeblocks(63, b'\\x5a' * 512) and not disk.ioctl(3, 0)\n"
        "two = bytearray(1024)\nassert not disk.readblocks(62, two)"
    )
    assert repl.eval("bytes(two)") == data[62 * 512 : 63 * 512] + b"\x5a" * 512


def _serial(peer, repl):
    repl.exec(
        "import usbserial, time\nport = usbserial.ports()[0].init(115200)\nport.write(b'hello\\n')"
    )
    said = b""
    while b"hello\n" not in said:
        said += peer.recv(100)
    peer.sendall(b"and back\n")
    repl.exec(
        "got = b''\nt = time.ticks_ms()\n"
        "while b'\\n' not in got and time.ticks_diff(time.ticks_ms(), t) < 5000:\n"
        "    got += port.read(100) or b''"
    )
    assert repl.eval("got") == b"and back\n"


@pytest.mark.parametrize(
    "controller, machine, deep",
    _MATRIX,
    ids=[f"{c}-{m}-gic{g}-{'deep' if deep else 'root'}" for c, (m, g), deep in _MATRIX],
)
def test_each_device(vm_factory, tmp_path, line, controller, machine, deep):
    boot, gic = machine
    data = random.Random(6).randbytes(_BLOCKS * 512)
    disk = Path(tmp_path, "disk")
    disk.write_bytes(data)
    fast = controller == "usb-ehci"
    kinds = [kind for kind in _KINDS if not (fast and kind == "usb-serial")]
    vm = vm_factory(
        machine=boot,
        gic=gic,
        device=[f"{controller},id=u{'' if fast else ',p2=8,p3=8'}", *_devices(kinds, deep)],
        extra=[
            *("-drive", f"if=none,id=d0,format=raw,file={disk}"),
            *("-chardev", f"socket,id=line,path={line.getsockname()}"),
        ],
    )
    with contextlib.closing(line.accept()[0]) as peer:
        peer.settimeout(20)
        repl = vm.repl()
        repl.exec("import usb\nusb.probe()", timeout=60)
        found = repl.eval(
            "[(d.id, d.speed, d.depth, str(d).split(' ', 3)[3]) for d in usb.devices()]"
        )
        hubs = [each for each in found if each[0] == "0409:55aa"]
        assert [(speed, depth) for _, speed, depth, _ in hubs] == [("full", 0), ("full", 1)] * deep
        rest = {text.removeprefix("QEMU "): (id, speed, depth) for id, speed, depth, text in found}
        for kind in kinds:
            id, text = _KINDS[kind]
            speed = "full" if deep or kind == "usb-serial" else "high"
            if kind == "usb-storage" and not deep and not fast:
                speed = "super"
            name = next(name for name in rest if name.startswith(text))
            assert rest[name] == (id, speed, 2 if deep else 0), kind
        assert len(found) == len(kinds) + len(hubs)
        said = repl.exec("usb.lsusb()", timeout=60)
        assert said.count("\nDevice Descriptor:") == len(found)
        for id, text in (_KINDS[kind] for kind in kinds):
            assert text in said and f"idProduct          0x{id[5:]}" in said
        _keys(vm, repl)
        _pointers(vm, repl)
        _blocks(repl, data)
        if "usb-serial" in kinds:
            _serial(peer, repl)
        repl.exec("usb.release()")
        repl.soft_reset()
        assert leaks(repl) == ""
        repl.exec("import klog\nlog, _ = klog.read()")
        trouble = repl.eval(
            "[l for l in log.decode().split('\\n') if l[1:2] in '01234' and 'usb' in l]"
        )
        assert trouble == []
