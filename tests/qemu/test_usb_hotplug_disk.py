"""Plugging while a USB disk is read, and the disk itself pulled out of a read."""

import hashlib
import threading
import time

import pytest
from ahcidisks import value
from usbplugs import plugged

pytestmark = pytest.mark.usb

_READING = """
import hashlib
disk = usbmsc.disks()[0]
buf = bytearray(1 << 18)
times, done = 0, False
def stop(device, there):
    global done
    done = done or seen(device, there)
usb.on_attach(stop)
plugged = 0
def seen(device, there):
    global plugged
    plugged += there
    return plugged == {count} and True
while not done or bus.busy():
    for n in range(4):
        assert not disk.readblocks(n * 512, buf)
        if n == times & 3: assert hashlib.sha256(buf).digest() == sums[n]
    times += 1
print(times)
"""


def test_a_disk_is_read_meanwhile(vm_factory, tmp_path):
    """Nothing but right data while devices of all kinds come and go; keys are heard, too."""
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
    kinds = ("usb-mouse", "usb-tablet", "usb-serial", "usb-hub")
    repl.exec(
        f"import usbmsc\nsums = {sums}\nkeys = bytearray()\n"
        "keyboard.keys().listen(lambda u, a, m, c: c and a == 1 and keys.append(c))"
    )

    def host():
        for n in range(8):
            name, _ = plug.add(kinds[n % 4], 1 + n % 2)
            vm.keyboard.type("k")
            time.sleep(0.4)
            plug.pull(name)
            time.sleep(0.1)

    thread = threading.Thread(target=host)
    thread.start()
    try:
        times = int(repl.exec(_READING.format(count=8), timeout=60))
    finally:
        thread.join()
    assert times > 3
    repl.exec("quiet(2)", timeout=60)
    assert value(repl, "bytes(keys)") == b"k" * 8
    assert value(repl, "troubles()") == []


def test_a_disk_goes_while_it_is_read(vm_factory, tmp_path):
    """The read fails, nothing hangs, nothing is left; the same again when it is back."""
    _, repl, plug = plugged(vm_factory, tmp_path, "qemu-xhci")
    repl.exec("import usbmsc\nbuf = bytearray(1 << 18)")
    base = value(repl, "held()")
    for _ in range(3):
        name, _ = plug.add("usb-storage", 1)
        repl.exec("quiet(1)\ndisk = usbmsc.disks()[0]\nassert not disk.readblocks(0, buf)")
        thread = threading.Timer(0.3, plug.pull, [name])
        thread.start()
        try:
            failed = repl.exec(
                "import time\nt = time.ticks_ms()\nbad = 0\n"
                "while not bad and time.ticks_diff(time.ticks_ms(), t) < 20000:\n"
                "    bad = disk.readblocks(0, buf)\n"
                "print(bad)",
                timeout=60,
            )
        finally:
            thread.join()
        assert int(failed) < 0
        repl.exec("quiet(0)", timeout=60)
        assert value(repl, "held()") == base
        assert value(repl, "usbmsc.disks()") == []
