"""CDC-ACM: modems, and most of what calls itself a serial port (CDC 1.2, PSTN 1.2)."""

import struct

import dma
from micropython import const

import usbwait
from usbendpoint import INTERRUPT, Transfer

_COMMUNICATIONS = const(2)
_ACM = const(2)
_DATA = const(10)
_SET_LINE_CODING = const(0x20)
_SET_CONTROL_LINE_STATE = const(0x22)
_SEND_BREAK = const(0x23)
_SERIAL_STATE = const(0x20)
_STATE = const(10)  # bytes of that notification


def matches(interface):
    """Whether it is the control interface of an ACM function."""
    return interface.class_ == _COMMUNICATIONS and interface.subclass == _ACM


def line_coding(baud, bits, parity, stop):
    """PSTN §6.3.11's seven bytes.  parity: None, 0 even, 1 odd.  stop: 1, 1.5, 2."""
    kind = 0 if parity is None else 1 if parity else 2
    return struct.pack("<IBBB", baud, int(stop * 2) - 2, kind, bits)


class Acm:
    """How an ACM function is told what to do.  data: the Interface with the bulk endpoints.

    Raises ValueError: there is none.
    """

    name = "CDC-ACM"

    def __init__(self, device, interface):
        self.device = device
        self.interface = interface
        self.data = self._data(interface)
        self._notice = None

    def _data(self, interface):
        """The union descriptor tells (CDC §5.2.3.2); else the data interface that follows."""
        wanted = interface.number + 1
        for raw in interface.extra:
            if len(raw) > 4 and raw[1] == 0x24 and raw[2] == 6 and raw[3] == interface.number:
                wanted = raw[4]
        for other in self.device.interfaces:
            if other.number == wanted and other.class_ == _DATA:
                return other
        raise ValueError("CDC-ACM without its data interface")

    def begin(self):
        """Generator: once, when it is plugged in."""
        if not self.data.endpoints:
            for setting in self.data.settings:
                if setting.endpoints:
                    yield from self.data.select(setting.alternate)
                    break

    def open(self, port):
        """Generator: before the first byte."""
        self._listen(port)
        return ()

    def _listen(self, port):
        e = self.interface.endpoint(INTERRUPT, True)
        if e is None or self._notice is not None:
            return
        # Several packets: some devices send the notification in pieces.
        buffer = dma.alloc(max(e.mps, _STATE), 64, "usbserial")

        def told(t):
            raw = memoryview(buffer)
            if t.status == 0:
                if t.actual >= _STATE - 1 and raw[0] == 0xA1 and raw[1] == _SERIAL_STATE:
                    port.tell(raw[8] & 11, raw[8] >> 2)
                t.submit()

        self._notice = Transfer(e, buffer, told)
        self._notice.submit()

    def close(self):
        """Generator: nothing is asked for any more."""
        t, self._notice = self._notice, None
        if t is not None:
            t.cancel()
            t.limit_ms = 1000
            try:
                yield t
            except OSError:
                pass
            if t.status != usbwait.PENDING:
                t.buffer.free()

    def line(self, baud, bits, parity, stop):
        """Generator: SET_LINE_CODING."""
        yield from self._ask(_SET_LINE_CODING, 0, line_coding(baud, bits, parity, stop))

    def control(self, dtr, rts):
        """Generator: DTR and RTS."""
        yield from self._ask(_SET_CONTROL_LINE_STATE, bool(dtr) | bool(rts) << 1, 0)

    def brk(self, on):
        """Generator: a break begins or ends."""
        yield from self._ask(_SEND_BREAK, 0xFFFF if on else 0, 0)

    def unpack(self, port, view, n, mps):
        """How many bytes of data there are, moved to the front: all."""
        return n

    def _ask(self, request, value, data):
        yield from self.device.request(0x21, request, value, self.interface.number, data)
