"""CDC-ACM: modems, and most of what calls itself a serial port (CDC 1.2, PSTN 1.2)."""

import struct

from micropython import const

import usbwait
from usbendpoint import INTERRUPT
from usbpipe import Pipe

_COMMUNICATIONS = const(2)
_ACM = const(2)
_PROTOCOLS = const(7)  # CDC §5.2: without, AT commands of six kinds; others are vendors'
_DATA = const(10)
_FUNCTIONAL = const(0x24)  # CDC §5.2.3: a class-specific descriptor
_LINE = const(2)  # PSTN §5.3.2, D1: line coding, control lines, SERIAL_STATE
_SET_LINE_CODING = const(0x20)
_SET_CONTROL_LINE_STATE = const(0x22)
_SEND_BREAK = const(0x23)
_SERIAL_STATE = const(0x20)
_STATE = const(10)  # bytes of that notification


def matches(interface):
    """Whether it is the control interface of an ACM function."""
    kind = interface.class_, interface.subclass
    return kind == (_COMMUNICATIONS, _ACM) and interface.protocol < _PROTOCOLS


def parity_number(parity):
    """None, 0 even, 1 odd, as devices have it: 0 none, 1 odd, 2 even."""
    return 0 if parity is None else 1 if parity else 2


def line_coding(baud, bits, parity, stop):
    """PSTN §6.3.11's seven bytes.  parity: None, 0 even, 1 odd.  stop: 1, 1.5, 2."""
    return struct.pack("<IBBB", baud, int(stop * 2) - 2, parity_number(parity), bits)


class Acm:
    """How an ACM function is told what to do.  data: the Interface with the bulk endpoints.

    Raises ValueError: there is none.
    """

    name = "CDC-ACM"

    def __init__(self, device, interface):
        self.device = device
        self.interface = interface
        self.data = self._data(interface)
        self._port = None
        self._has_line = False
        for raw in interface.extra:
            if len(raw) > 3 and raw[1] == _FUNCTIONAL and raw[2] == 2:
                self._has_line = raw[3] & _LINE != 0
        e = interface.endpoint(INTERRUPT, True)
        # Several packets: some devices send the notification in pieces.
        self._notices = e and Pipe(e, 1, max(e.mps, _STATE), self._told)

    def _data(self, interface):
        """The union descriptor tells (CDC §5.2.3.2); else the data interface that follows."""
        wanted = interface.number + 1
        for raw in interface.extra:
            if len(raw) > 4 and raw[1] == _FUNCTIONAL and raw[2] == 6:
                if raw[3] == interface.number:
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
        self._port = port
        if self._notices and not self._notices.open:
            yield from self._notices.begin()

    def _told(self, piece):
        raw = piece.view
        if piece.actual >= _STATE - 1 and raw[0] == 0xA1 and raw[1] == _SERIAL_STATE:
            self._port.tell(raw[8] & 11, raw[8] >> 2)
        self._notices.again(piece)

    def close(self):
        """Generator: nothing is asked for any more."""
        if self._notices:
            yield from self._notices.close()

    def line(self, baud, bits, parity, stop):
        """Generator: SET_LINE_CODING."""
        yield from self._set(_SET_LINE_CODING, 0, line_coding(baud, bits, parity, stop))

    def control(self, dtr, rts):
        """Generator: DTR and RTS."""
        yield from self._set(_SET_CONTROL_LINE_STATE, bool(dtr) | bool(rts) << 1, 0)

    def _set(self, request, value, data):
        try:
            yield from self._ask(request, value, data)
        except OSError as why:
            if self._has_line or why.errno != usbwait.EPIPE:
                raise

    def brk(self, on):
        """Generator: a break begins or ends."""
        yield from self._ask(_SEND_BREAK, 0xFFFF if on else 0, 0)

    def unpack(self, port, view, n, mps):
        """How many bytes of data there are, moved to the front: all."""
        return n

    def _ask(self, request, value, data):
        yield from self.device.request(0x21, request, value, self.interface.number, data)
