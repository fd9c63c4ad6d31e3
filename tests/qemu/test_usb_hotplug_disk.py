"""Plugging while a USB disk is read, and the disk itself pulled out of a read."""

import hashlib

import pytest
from ahcidisks import value
from usbplugs import plugged

pytestmark = pytest.mark.usb

_KINDS = ("usb-mouse", "usb-tablet", "usb-serial", "usb-hub")
_PLUGS = 8

# "+": it listens, then at each device that has come.
_READING = f"""
import hashlib
disk = usbmsc.disks()[0]
buf = bytearray(1 << 18)
times = came = went = 0
def seen(device, there):
    global came, went
    came += there
    went += not there
    if there: print("+", end="")
off = usb.on_attach(seen)
print("+", end="")
t = time.ticks_ms()
while (went < {_PLUGS} or bus.busy()) and time.ticks_diff(time.ticks_ms(), t) < 60000:
    for n in range(4):
        assert not disk.readblocks(n * 512, buf)
        if n == times & 3: assert hashlib.sha256(buf).digest() == sums[n]
    times += 1
off()
print(times, came, went)
"""


def test_a_disk_is_read_meanwhile(vm_factory, tmp_path):
    """Nothing but right data while devices of all kinds come, each to go as soon as it is told of:
    a hub in the midst of its set-up; keys are heard, too."""
    vm, repl, plug = plugged(
        vm_factory,
        tmp_path,
        "nec-usb-xhci",
        "usb-storage,bus=u.0,port=7,drive=d0",
        "usb-kbd,bus=u.0,port=8",
    )
    data = (tmp_path / "disk").read_bytes()
    quarter = len(data) // 4
    sums = [hashlib.sha256(data[n * quarter : (n + 1) * quarter]).digest() for n in range(4)]
    repl.exec(
        f"import usbmsc\nsums = {sums}\nkeys = bytearray()\n"
        "keyboard.keys().listen(lambda u, a, m, c: c and a == 1 and keys.append(c))"
    )
    names, said = [], bytearray()

    def heard(text):
        said.extend(text)
        for _ in range(text.count(b"+")):
            n = len(names)
            if n:
                plug.pull(names[-1])
            if n < _PLUGS:
                names.append(plug.add(_KINDS[n % 4], 1 + n % 2)[0])
                vm.keyboard.type("k")

    ran = repl.run(_READING, 90, heard)
    assert not ran.stderr, ran.stderr.decode()
    times, came, went = map(int, said.replace(b"+", b"").split())
    assert times > 3 and came == went == _PLUGS, (times, names, value(repl, "bus.devices"))
    repl.exec("quiet(2)", timeout=60)
    assert value(repl, "bytes(keys)") == b"k" * _PLUGS
    assert value(repl, "troubles()") == []


def test_a_disk_goes_while_it_is_read(vm_factory, tmp_path):
    """The read fails, nothing hangs, nothing is left; the same again when it is back."""
    _, repl, plug = plugged(vm_factory, tmp_path, "qemu-xhci")
    repl.exec("import usbmsc\nbuf = bytearray(1 << 18)")
    base = value(repl, "held()")
    for _ in range(3):
        name, _ = plug.add("usb-storage", 1)
        repl.exec("quiet(1)\ndisk = usbmsc.disks()[0]\nassert not disk.readblocks(0, buf)")
        said = bytearray()

        def heard(text, said=said, name=name):
            said.extend(text)
            if said == b"+":
                plug.pull(name)

        ran = repl.run(
            "t = time.ticks_ms()\nbad = 0\nprint('+', end='')\n"
            "while not bad and time.ticks_diff(time.ticks_ms(), t) < 20000:\n"
            "    bad = disk.readblocks(0, buf)\n"
            "print(bad)",
            60,
            heard,
        )
        assert not ran.stderr and int(said[1:]) < 0, (said, ran.stderr)
        repl.exec("quiet(0)", timeout=60)
        assert value(repl, "held()") == base
        assert value(repl, "usbmsc.disks()") == []
