"""usbcap: the blocks of a capture, field by field."""

import struct
import sys

import usb_devices
import usb_storage
import usbcap
import usbcore
from usb_hcd import Rig

AREA = "usb"


def blocks(data):
    """[(type, body)] of a pcapng file; both lengths of each must agree."""
    data = bytes(data)
    out = []
    at = 0
    while at < len(data):
        kind, n = struct.unpack("<II", data[at : at + 8])
        assert n % 4 == 0 and struct.unpack("<I", data[at + n - 4 : at + n])[0] == n, (at, n)
        out.append((kind, data[at + 8 : at + n - 4]))
        at += n
    assert at == len(data)
    return out


class Packet:
    def __init__(self, body):
        interface, high, low, kept, whole = struct.unpack("<IIIII", body[:20])
        assert interface == 0 and kept == whole
        self.us = high << 32 | low
        h = body[20:84]
        fields = struct.unpack("<QBBBBHBBqiiII8siiII", h)
        self.id, event, self.kind, self.address, self.device, self.bus = fields[:6]
        self.event = chr(event)
        self.flags = fields[6:8]
        seconds, us, self.status, self.length, n = fields[8:13]
        self.setup = fields[13]
        self.interval = fields[14]
        assert seconds * 1000000 + us == self.us
        self.data = body[84 : 84 + n]
        assert kept == 64 + n
        self.comment = b""
        rest = body[84 + n + (-n & 3) :]
        if rest:
            code, size = struct.unpack("<HH", rest[:4])
            assert code == 1
            self.comment = rest[4 : 4 + size]


def packets(capture):
    found = blocks(capture.bytes())
    assert found[0][0] == 0x0A0D0D0A and found[0][1][:8] == b"\x4d\x3c\x2b\x1a\x01\0\0\0"
    assert found[1][0] == 1 and struct.unpack("<H", found[1][1][:2])[0] == 220
    return [Packet(body) for kind, body in found[2:] if kind == 6]


def test_enumeration_and_reports():
    rig = Rig({1: usb_devices.keyboard()})
    capture = usbcap.Capture().start()
    rig.settle()
    capture.stop()
    found = packets(capture)
    assert capture.packets == len(found) and capture.lost == 0
    first, second = found[:2]
    assert (first.event, first.kind, first.address, first.bus) == ("S", 2, 0x80, 1)
    assert first.setup == b"\x80\x06\0\x01\0\0\x08\0" and first.flags == (0, 60)
    assert (first.status, first.length, first.data) == (-115, 8, b"")
    assert (second.event, second.id, second.status) == ("C", first.id, 0)
    assert second.data == rig.hcd.usb2.plugged[1].descriptor[:8] and second.flags == (45, 0)
    assert second.comment == b"Success" and second.us >= first.us
    configured = [p for p in found if p.setup[:3] == b"\0\x09\x01"][0]
    assert configured.address == 0 and configured.flags == (0, 62)
    assert len(found) % 2 == 0
    before = capture.used
    rig.hcd.usb2.unplug(1)
    rig.settle(20)
    assert capture.used == before
    rig.close()


def test_what_was_there_before_comes_first():
    rig = Rig({1: usb_storage.Storage()})
    rig.settle()
    capture = usbcap.Capture(snap=8).start()
    found = packets(capture)
    assert [p.event for p in found] == ["S", "C", "S", "C"]
    assert found[1].data == rig.bus.devices[0].descriptor.raw
    assert found[3].data == rig.bus.devices[0].config.raw and b"before" in found[3].comment
    rig.bus.devices[0].control(0x80, 6, 0x100, 0, 18)
    end = packets(capture)[-1]
    assert len(end.data) == 8 and end.length == 18
    try:
        rig.bus.devices[0].control(0x80, 6, 0x900, 0, 18)
    except OSError:
        pass
    assert (packets(capture)[-1].status, packets(capture)[-1].comment) == (-32, b"Stall")
    capture.stop()
    rig.close()


def test_a_full_capture_counts_what_it_loses():
    rig = Rig({1: usb_devices.keyboard()})
    capture = usbcap.Capture(size=400).start()
    rig.settle()
    assert capture.packets == 3 and capture.lost > 10
    assert len(packets(capture)) == 3 and "lost" in repr(capture)
    capture.stop()
    assert rig.hcd.capture is None
    rig.close()


def test_buses_to_come():
    capture = usbcap.Capture().start()
    rig = Rig({1: usb_devices.keyboard()})
    assert rig.hcd.capture is not None
    usbcore.capture(None)
    assert rig.hcd.capture is None
    rig.settle()
    rig.close()
    assert capture.lost == 0


class Ended:
    """A transfer as take() sees it, with a length that tells which."""

    buffer = setup = None
    is_in = True
    offset = status = 0
    code = "Success"

    def __init__(self, endpoint, actual):
        self.endpoint = endpoint
        self.length = self.actual = actual


def test_a_soft_handler_in_the_middle():
    """Between any two lines another transfer ends: a report while the program's disk is read."""
    rig = Rig({1: usb_storage.Storage(), 2: usb_devices.keyboard()})
    rig.settle()
    disk, keyboard = rig.bus.devices
    program = Ended(disk.endpoints[0x81], 512)
    handler = Ended(keyboard.endpoints[0x81], 8)
    lines = 0
    while between_lines(program, handler, lines):
        lines += 1
    assert lines > 15 or not hasattr(sys, "settrace")
    rig.close()


def between_lines(program, handler, at):
    """Whether take() had so many lines."""
    capture = usbcap.Capture(2000, 64).start()
    known = len(packets(capture))
    left = [at]

    def line(frame, event, arg):
        if event == "line":
            left[0] -= 1
            if left[0] == -1:
                sys.settrace(None)
                capture.take(67, handler)
        return line

    def call(frame, event, arg):
        return line if frame.f_code.co_filename.endswith("usbcap.py") else None

    if hasattr(sys, "settrace"):
        sys.settrace(call)
    try:
        capture.take(67, program)
    finally:
        if hasattr(sys, "settrace"):
            sys.settrace(None)
    capture.stop()
    found = packets(capture)[known:]
    seen = [(p.device, p.kind, p.length, p.status, p.interval, p.comment) for p in found]
    expected = []
    for t in (program, handler)[: len(found)]:
        e = t.endpoint
        kind = 1 if t is handler else 3
        expected.append((e.device.address, kind, t.actual, 0, e.interval, b"Success"))
    assert sorted(seen) == sorted(expected), at
    assert capture.packets == known + len(found) and capture.lost == 0
    return left[0] < 0
