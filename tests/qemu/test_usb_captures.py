"""Captures of a machine, fetched by the host and judged by tshark."""

import collections
import subprocess
import threading

import pytest
from ahcidisks import image

from pyrallax import usbcapture

pytestmark = pytest.mark.usb

_FIELDS = (
    "usb.idVendor", "usb.urb_id", "usb.urb_type", "usb.transfer_type", "usb.urb_status",
    "frame.comment", "_ws.malformed",
)  # fmt: skip


def rows(path, data):
    """{field: text} of each packet, of which none is malformed."""
    path.write_bytes(data)
    words = ["tshark", "-r", path, "-T", "fields"]
    for name in _FIELDS:
        words += ["-e", name]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    found = [
        dict(zip(_FIELDS, line.split("\t"), strict=True)) for line in done.stdout.splitlines()
    ]
    assert all(not row["_ws.malformed"] for row in found)
    return found


def test_enumeration(vm_factory, tmp_path, tshark):
    devices = ["qemu-xhci,id=x", "usb-kbd,bus=x.0", "usb-tablet,bus=x.0"]
    repl = vm_factory(device=devices, append="usb=off").repl()
    data, said = usbcapture.record(repl, lambda: None)
    assert ", 0 lost" in said and len(data) > 3000 and data[:4] == b"\n\r\r\n"
    found = rows(tmp_path / "usb.pcapng", data)
    assert [row["usb.idVendor"] for row in found].count("0x0627") >= 2


def test_two_sources(vm_factory, tmp_path, tshark):
    """The program reads a disk; in soft handlers, which come in between, keys arrive."""
    image(tmp_path / "u0")
    vm = vm_factory(
        device=["qemu-xhci,id=x", "usb-storage,bus=x.0,drive=u0", "usb-kbd,bus=x.0"],
        extra=["-drive", f"if=none,id=u0,format=raw,file={tmp_path / 'u0'}"],
        append="usb=off",
    )
    repl = vm.repl()
    over = threading.Event()

    def keys():
        down = False
        while not over.is_set():
            down = not down
            key = {"down": down, "key": {"type": "qcode", "data": "a"}}
            vm.qmp("input-send-event", events=[{"type": "key", "data": key}])

    def wait():
        typing = threading.Thread(target=keys)
        typing.start()
        try:
            repl.exec(
                "import keyboard, time, usbmsc\n"
                "seen = []\n"
                "keyboard.keys().listen(lambda u, a, m, c: seen.append(u))\n"
                "d, b, n, t = usbmsc.disks()[0], bytearray(512), 0, time.ticks_ms()\n"
                "while len(seen) < 60 or n < 200:\n"
                "    if n < 2000:  # as many as there is room for\n"
                "        assert d.readblocks(n % 1000, b) == 0\n"
                "        n += 1\n"
                "    assert time.ticks_diff(time.ticks_ms(), t) < 30000, (len(seen), n)",
                timeout=60,
            )
        finally:
            over.set()
            typing.join()

    data, said = usbcapture.record(repl, wait, size=4 << 20)
    assert ", 0 lost" in said
    found = rows(tmp_path / "usb.pcapng", data)
    ended = collections.Counter(
        (row["usb.transfer_type"], row["usb.urb_status"])
        for row in found
        if row["usb.urb_type"] == "'C'" and row["frame.comment"]
    )
    # Interrupt and bulk (URB_INTERRUPT, URB_BULK): a report each, three transfers a command.
    assert ended["0x01", "0"] >= 60 and ended["0x03", "0"] >= 600, ended
    # Each transfer begins and ends in turn.
    under_way = {}
    for row in found:
        begins = row["usb.urb_type"] == "'S'"
        assert under_way.get(row["usb.urb_id"], False) is not begins, row
        under_way[row["usb.urb_id"]] = begins
