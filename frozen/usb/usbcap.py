"""Every transfer as a capture that Wireshark opens: pcapng, packets as Linux's usbmon has them.

Link type 220, 64-byte headers (Documentation/usb/usbmon.rst).  How a controller says that a
transfer ended is a comment of its packet.
"""

import struct
import time

from micropython import const

import usbcore
import usbtask

_LINK = const(220)  # LINKTYPE_USB_LINUX_MMAPPED
_HEADER = const(64)
_SUBMIT = const(83)
_EINPROGRESS = const(-115)
_SHB = const(0x0A0D0D0A)
_COMMENT = const(1)
_TYPES = {"isochronous": 0, "interrupt": 1, "control": 2, "bulk": 3}
_CACHED = b"as read before the capture began"


def _block(kind, body):
    """A pcapng block, whose body is a multiple of four bytes."""
    n = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", kind) + n + body + n


def _option(code, data):
    return struct.pack("<HH", code, len(data)) + data + bytes(-len(data) & 3)


class Capture:
    """Records from start() to stop(), up to `size` bytes; what is more is lost, and counted.

    snap: bytes of data kept of a transfer.  packets, lost, used: counts.
    """

    def __init__(self, size=1 << 20, snap=4096):
        self.packets = 0
        self.lost = 0
        self.snap = snap
        self._data = memoryview(bytearray(size))
        self._header = bytearray(_HEADER)
        head = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)
        begin = _block(_SHB, head + _option(4, b"Pyrallax") + _option(0, b""))
        link = struct.pack("<HHI", _LINK, 0, 0)
        begin += _block(1, link + _option(2, b"usb") + _option(0, b""))
        self._data[: len(begin)] = begin
        self.used = len(begin)

    def __repr__(self):
        return "<usbcap.Capture %d packets, %d bytes, %d lost>" % (
            self.packets,
            self.used,
            self.lost,
        )

    def start(self):
        """Record from now on, on all buses and those to come; descriptors known are put first."""
        self._clock = usbtask.loop().clock
        self._epoch = int(time.time())
        self._ticks = self._clock.ticks_us()
        for bus in usbcore.buses():
            for device in bus.devices:
                self._known(device)
        usbcore.capture(self.take)
        return self

    def stop(self):
        """Record no more; everything taken stays."""
        usbcore.capture(None)
        return self

    def save(self, path):
        """Write the capture into a file; how many bytes."""
        with open(path, "wb") as f:
            f.write(self.bytes())
        return self.used

    def bytes(self):
        """A memoryview of the capture as a pcapng file."""
        return self._data[: self.used]

    def _known(self, device):
        """A device's descriptors as transfers, by which Wireshark knows its classes."""
        raws = [(0x100, device.descriptor.raw)]
        raws += [(0x200 + n, config.raw) for n, config in enumerate(device.configs)]
        for value, raw in raws:
            setup = struct.pack("<BBHHH", 0x80, 6, value, 0, len(raw))
            for event in b"SC":
                begins = event == _SUBMIT
                status = _EINPROGRESS if begins else 0
                first = setup if begins else None
                self._fields(event, id(raw), 2, 0x80, device, status, len(raw), first)
                self._add(b"" if begins else raw, _CACHED)

    def _fields(self, event, id, kind, address, device, status, length, setup):
        h = self._header
        us = self._clock.ticks_diff(self._clock.ticks_us(), self._ticks)
        self._us = self._epoch * 1000000 + us
        bus = device.bus.number(device.root)
        struct.pack_into("<QBBBBH", h, 0, id, event, kind, address, device.address, bus)
        h[14] = 45 if setup is None else 0  # '-'
        h[15] = 60 if address & 128 else 62  # '<' or '>': no data here
        seconds, rest = divmod(self._us, 1000000)
        struct.pack_into("<qiiII", h, 16, seconds, rest, status, length, 0)
        h[40:48] = bytes(8) if setup is None else setup

    def take(self, event, transfer):
        """The hook: 'S' begins, 'C' has ended, 'E' has not begun."""
        endpoint = transfer.endpoint
        incoming = transfer.is_in
        submitted = event == _SUBMIT
        setup = transfer.setup
        self._fields(
            event,
            id(transfer),
            _TYPES[endpoint.kind],
            endpoint.address | (128 if incoming else 0),
            endpoint.device,
            _EINPROGRESS if submitted else transfer.status,
            transfer.length if submitted else transfer.actual,
            setup if submitted else None,
        )
        struct.pack_into("<i", self._header, 48, endpoint.interval)
        part = b""
        count = transfer.length if submitted else transfer.actual
        if count and submitted != incoming and transfer.buffer is not None:
            at = transfer.offset
            part = memoryview(transfer.buffer)[at : at + min(count, self.snap)]
        code = transfer.code
        self._add(part, code.encode() if code and not submitted else b"")

    def _add(self, part, comment):
        """An enhanced packet block of the header and that data."""
        h = self._header
        n = len(part)
        if n:
            h[15] = 0
        struct.pack_into("<I", h, 36, n)
        options = _option(_COMMENT, comment) + _option(0, b"") if comment else b""
        pad = -n & 3
        total = 32 + _HEADER + n + pad + len(options)
        at = self.used
        data = self._data
        if at + total > len(data):
            self.lost += 1
            return
        us = self._us
        struct.pack_into(
            "<IIIIIII",
            data,
            at,
            6,
            total,
            0,
            us >> 32,
            us & 0xFFFFFFFF,
            _HEADER + n,
            _HEADER + n,
        )
        at += 28
        data[at : at + _HEADER] = h
        at += _HEADER
        data[at : at + n] = part
        at += n + pad
        data[at : at + len(options)] = options
        struct.pack_into("<I", data, at + len(options), total)
        self.used += total
        self.packets += 1
