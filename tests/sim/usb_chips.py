"""Scripted serial chips that are no CDC-ACM: FT232R, CP2102, CH340, PL2303."""

from usb_devices import Stall, configuration, device_descriptor, endpoint, interface
from usb_serial import Serial


class _Chip(Serial):
    """requests: the vendor requests to it, (type, request, value, index, data)."""

    vendor = product = 0
    interfaces = 1
    interrupt = 0  # bytes of its interrupt endpoint
    speed_of = "full"

    def __init__(self, echo=True):
        super().__init__(self.speed_of, echo)
        size = 512 if self.speed_of == "high" else 64
        parts = []
        for n in range(self.interfaces):
            ends = [endpoint(0x81 + 2 * n, 2, size), endpoint(0x02 + 2 * n, 2, size)]
            if self.interrupt:
                ends.append(endpoint(0x88, 3, self.interrupt, 1))
            parts.append(interface(n, 0xFF, 0xFF, 0xFF, *ends))
        self.descriptor = device_descriptor(self.vendor, self.product, self.speed_of)
        self.configs = [configuration(*parts)]
        self.requests = []
        self.size = size

    def class_request(self, kind, request, value, index, length, data):
        self.requests.append((kind, request, value, index, bytes(data)))
        return self.answer(kind, request, value, index, length)

    def answer(self, kind, request, value, index, length):
        if kind & 128:
            raise Stall
        return b""


class Ftdi(_Chip):
    """status: the two bytes that each packet begins with."""

    vendor, product = 0x0403, 0x6001

    status = b"\xb1\x60"

    def data_in(self, endpoint, length):
        if not self.sending:
            return None
        out = b""
        while self.sending and length - len(out) > 2:
            n = min(self.size, length - len(out)) - 2
            out += self.status + bytes(self.sending[:n])
            self.sending = self.sending[n:]
        return out


class FtdiH(Ftdi):
    product = 0x6010
    interfaces = 2
    speed_of = "high"


class Cp210x(_Chip):
    vendor, product = 0x10C4, 0xEA60


class Ch34x(_Chip):
    vendor, product = 0x1A86, 0x7523
    interrupt = 8

    def answer(self, kind, request, value, index, length):
        return b"\x31\x00" if request == 0x5F else b"\x01\xc3" if kind & 128 else b""


class Pl2303(_Chip):
    vendor, product = 0x067B, 0x2303
    interrupt = 10

    def answer(self, kind, request, value, index, length):
        return b"\x02" if kind & 128 else b""
