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
_PACKET = const(28)  # an enhanced packet block's own, before that
_SUBMIT = const(83)
_COMPLETE = const(67)
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
            for device in list(bus.devices):  # some may go meanwhile
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
            n = len(raw)
            setup = struct.pack("<BBHHH", 0x80, 6, value, 0, n)
            ask = id(raw)
            self._add(_SUBMIT, ask, 2, 0x80, device, _EINPROGRESS, n, setup, 0, b"", _CACHED)
            self._add(_COMPLETE, ask, 2, 0x80, device, 0, n, None, 0, raw, _CACHED)

    def take(self, event, transfer):
        """The hook: 'S' begins, 'C' has ended, 'E' has not begun."""
        endpoint = transfer.endpoint
        incoming = transfer.is_in
        submitted = event == _SUBMIT
        count = transfer.length if submitted else transfer.actual
        part = b""
        if count and submitted != incoming and transfer.buffer is not None:
            at = transfer.offset
            part = memoryview(transfer.buffer)[at : at + min(count, self.snap)]
        self._add(
            event,
            id(transfer),
            _TYPES[endpoint.kind],
            endpoint.address | (128 if incoming else 0),
            endpoint.device,
            _EINPROGRESS if submitted else transfer.status,
            count,
            transfer.setup if submitted else None,
            endpoint.interval,
            part,
            b"" if submitted else transfer.code.encode(),
        )

    def _add(
        self, event, id, kind, address, device, status, length, setup, interval, part, comment
    ):
        """An enhanced packet block: usbmon's header, the data, the comment."""
        us = self._epoch * 1000000 + self._clock.ticks_diff(self._clock.ticks_us(), self._ticks)
        seconds, rest = divmod(us, 1000000)
        n = len(part)
        options = _option(_COMMENT, comment) + _option(0, b"") if comment else b""
        end = _PACKET + _HEADER + n + (-n & 3)
        total = end + len(options) + 4
        block = bytearray(total)
        struct.pack_into(
            "<IIIIIIIQBBBBHBBqiiII8si",
            block,
            0,
            6,
            total,
            0,
            us >> 32,
            us & 0xFFFFFFFF,
            _HEADER + n,
            _HEADER + n,
            id,
            event,
            kind,
            address,
            device.address,
            device.bus.number(device.root),
            45 if setup is None else 0,  # '-'
            0 if n else 60 if address & 128 else 62,  # '<' or '>': no data here
            seconds,
            rest,
            status,
            length,
            n,
            setup or bytes(8),
            interval,
        )
        block[_PACKET + _HEADER : _PACKET + _HEADER + n] = part
        block[end : end + len(options)] = options
        struct.pack_into("<I", block, total - 4, total)
        self._put(block, total)

    def _put(self, block, total):
        """Without a jump of the bytecode: neither a soft handler's packet nor Ctrl-C comes between
        taking the place and filling it."""
        try:
            at, self.used = self.used, self.used + total
            self._data[at : at + total] = block
            self.packets += 1
        except ValueError:  # there is no room for it
            self.used = at
            self.lost += 1
