"""Serial chips that have protocols of their own: FT232 and kin, CP210x, CH34x, PL2303.

By what their makers publish, and what Linux does where they publish nothing.
"""

import struct

from micropython import const

from usbcdc import line_coding, parity_number

_OUT = const(0x40)  # vendor request to the device
_IN = const(0xC0)
_FT_CLOCK = const(24_000_000)  # 48 MHz / 2
_FT_H_CLOCK = const(96_000_000)  # 120 MHz × 8 / 10
_FT_EIGHTHS = b"\x00\x03\x02\x04\x01\x05\x06\x07"  # how eighths of a divisor are written
_CH_CLOCK = const(48_000_000)


class Chip:
    """What they have in common: methods as usbcdc.Acm's.  index: wIndex of the port."""

    name = ""

    def __init__(self, device, interface):
        self.device = device
        self.data = interface
        self.index = interface.number

    def begin(self):
        return ()  # nothing to wait for

    def open(self, port):
        return ()

    def close(self):
        return ()

    def unpack(self, port, view, n, mps):
        return n

    def tell(self, request, value=0, index=None, data=0, type=_OUT):
        """Generator: a vendor request."""
        index = self.index if index is None else index
        return (yield from self.device.request(type, request, value, index, data))


class Ftdi(Chip):
    """FT232, FT2232, FT4232, FT-X (AN232B-04, AN232B-05).  Each packet begins with 2 of status."""

    name = "FTDI"

    def __init__(self, device, interface):
        super().__init__(device, interface)
        self.index = interface.number + 1 if len(device.interfaces) > 1 else 0
        self._fast = device.speed == "high"  # the H kinds
        self._format = 8

    def open(self, port):
        yield from self.tell(0)  # reset
        yield from self.tell(2)  # no flow control
        yield from self.tell(9, 1)  # ms until a short packet goes

    def line(self, baud, bits, parity, stop):
        clock = _FT_H_CLOCK if self._fast and baud >= 1200 else _FT_CLOCK
        eighths = (clock + baud // 2) // baud
        if not 8 <= eighths < 1 << 17:
            raise ValueError("%d baud" % baud)
        divisor = eighths >> 3 | _FT_EIGHTHS[eighths & 7] << 14
        if divisor == 1:
            divisor = 0  # written differently: the two highest rates
        elif divisor == 0x4001:
            divisor = 1
        if clock == _FT_H_CLOCK:
            divisor |= 0x20000
        high = divisor >> 16
        if len(self.device.interfaces) > 1 or self._fast:
            high = high << 8 | self.index
        yield from self.tell(3, divisor & 0xFFFF, high)
        self._format = bits | parity_number(parity) << 8 | (int(stop * 2) - 2) << 11
        yield from self.tell(4, self._format)

    def control(self, dtr, rts):
        yield from self.tell(1, 0x300 | bool(dtr) | bool(rts) << 1)

    def brk(self, on):
        yield from self.tell(4, self._format | bool(on) << 14)

    def unpack(self, port, view, n, mps):
        out = 0
        for at in range(0, n - 1, mps):
            size = min(mps, n - at)
            modem, line = view[at], view[at + 1]
            # CTS, DSR, RI, DCD there; as SERIAL_STATE has them, break, errors, overrun.
            lines = modem >> 7 | modem >> 4 & 2 | modem >> 3 & 8 | modem & 16
            errors = line >> 4 & 1 | line >> 1 & 4 | (line & 4) << 1 | (line & 2) << 3
            port.tell(lines, errors)
            view[out : out + size - 2] = view[at + 2 : at + size]
            out += size - 2
        return out


class Cp210x(Chip):
    """Silicon Labs CP2102 and kin (AN571)."""

    name = "CP210x"

    def open(self, port):
        yield from self._do(0x00, 1)

    def close(self):
        yield from self._do(0x00, 0)

    def line(self, baud, bits, parity, stop):
        yield from self._do(0x1E, 0, struct.pack("<I", baud))
        yield from self._do(0x03, bits << 8 | parity_number(parity) << 4 | int(stop * 2) - 2)

    def control(self, dtr, rts):
        yield from self._do(0x07, 0x300 | bool(dtr) | bool(rts) << 1)

    def brk(self, on):
        yield from self._do(0x05, bool(on))

    def _do(self, request, value, data=0):
        return (yield from self.tell(request, value, None, data, 0x41))


class Ch34x(Chip):
    """WCH CH340, CH341."""

    name = "CH34x"

    def open(self, port):
        yield from self.tell(0x5F, 0, 0, 2, _IN)  # version
        yield from self.tell(0xA1, 0, 0)

    def line(self, baud, bits, parity, stop):
        if stop == 1.5:
            raise ValueError("1.5 stop bits")
        # Registers 0x12, 0x13: prescaler, divisor; bit 7: no waiting for 32 bytes.
        yield from self.tell(0x9A, 0x1312, 0x80 | _ch_divisor(baud))
        lcr = 0xC0 | bits - 5 | (4 if stop == 2 else 0)
        if parity is not None:
            lcr |= 0x08 if parity else 0x18
        yield from self.tell(0x9A, 0x2518, lcr)

    def control(self, dtr, rts):
        yield from self.tell(0xA4, ~(bool(dtr) << 5 | bool(rts) << 6) & 0xFFFF, 0)

    def brk(self, on):
        raw = yield from self.tell(0x95, 0x1805, 0, 2, _IN)
        if len(raw) != 2:
            raise OSError(5, "CH34x: %d bytes of registers" % len(raw))
        breaks, lcr = raw
        breaks, lcr = (breaks & ~1, lcr & ~0x40) if on else (breaks | 1, lcr | 0x40)
        yield from self.tell(0x9A, 0x1805, breaks | lcr << 8)


def _ch_divisor(baud):
    """256 − divisor in the upper byte; bit 2: clock not halved; bits 1:0: and 8 ** that faster."""
    if not 46 <= baud <= 3_000_000:
        raise ValueError("%d baud" % baud)
    best = None
    for half in (1, 0):
        for power in range(4):
            clock = _CH_CLOCK >> 12 - 3 * power - (1 - half)
            divisor = (clock + baud // 2) // baud
            if 2 <= divisor <= 256 and (half or 9 <= divisor):
                off = abs(clock - divisor * baud) / divisor
                if best is None or off < best[0]:
                    best = off, (256 - divisor) << 8 | (1 - half) << 2 | power
    return best[1]


class Pl2303(Chip):
    """Prolific PL2303: requests as CDC-ACM's."""

    name = "PL2303"

    def open(self, port):
        if self.device.descriptor.product != 0x2303:  # the later kinds want no set-up
            return
        for value, index in ((0x0404, 0), (0x0404, 1), (0, 1), (1, 0)):
            yield from self.tell(1, 0x8484, 0, 1, _IN)
            yield from self.tell(1, value, index)
        legacy = self.device.ep0.mps != 64
        yield from self.tell(1, 2, 0x24 if legacy else 0x44)

    def line(self, baud, bits, parity, stop):
        yield from self._do(0x20, 0, line_coding(baud, bits, parity, stop))

    def control(self, dtr, rts):
        yield from self._do(0x22, bool(dtr) | bool(rts) << 1)

    def brk(self, on):
        yield from self._do(0x23, 0xFFFF if on else 0)

    def _do(self, request, value, data=0):
        yield from self.tell(request, value, 0, data, 0x21)


_KINDS = (
    (Ftdi, 0x0403, (0x6001, 0x6010, 0x6011, 0x6014, 0x6015)),
    (Cp210x, 0x10C4, (0xEA60, 0xEA61, 0xEA63, 0xEA70, 0xEA71)),
    (Ch34x, 0x1A86, (0x5523, 0x7522, 0x7523)),
    (Ch34x, 0x4348, (0x5523,)),
    (Pl2303, 0x067B, (0x2303, 0x23A3, 0x23B3, 0x23C3, 0x23D3, 0x23E3, 0x23F3)),
)


def find(device):
    """The class for a device's chip, or None."""
    d = device.descriptor
    for kind, vendor, products in _KINDS:
        if d.vendor == vendor and d.product in products:
            return kind
    return None
