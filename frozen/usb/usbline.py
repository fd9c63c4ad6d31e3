"""A USB serial port: a stream with a line."""

import usbtask
import usbwait
from usbstream import Stream


class Port(Stream):
    """One port; init() opens it.

    dcd, dsr, ri, cts: the other side's lines, None where the chip does not tell.  breaks, framing,
    parity, overruns: how often the device said so.  dtr, rts: ours.  The rest as Stream.
    """

    def __init__(self, name, device, chip, reader, writer, forget):
        super().__init__(name, device, chip, reader, writer)
        self.dcd = self.dsr = self.ri = self.cts = None
        self.breaks = self.framing = self.parity = self.overruns = 0
        self.dtr = self.rts = False
        self._forget = forget

    def __repr__(self):
        state = ", gone" if self.device.gone else "" if self._in.open else ", closed"
        return "<%s %s %s%s>" % (self.name, self.chip.name, self.device.id, state)

    def init(self, baudrate=115200, bits=8, parity=None, stop=1, *, dtr=True, rts=True):
        """Open it, or change the line; the port.  parity: None, 0 even, 1 odd.

        Raises OSError, ValueError.
        """
        if not 5 <= bits <= 8 or stop not in (1, 1.5, 2) or parity not in (None, 0, 1):
            raise ValueError("bits 5 to 8, parity None, 0 or 1, stop 1, 1.5 or 2")
        if not 1 <= baudrate < 1 << 30:
            raise ValueError("%d baud" % baudrate)
        usbtask.run(self._init(baudrate, bits, parity, stop, dtr, rts), self.name)
        return self

    def _init(self, baud, bits, parity, stop, dtr, rts):
        if self.device.gone:
            raise usbwait.error(usbwait.ENODEV, self.name)
        if not self._in.open:
            yield from self.chip.open(self)
        yield from self.chip.line(baud, bits, parity, stop)
        yield from self._control(dtr, rts)
        if not self._in.open:
            yield from self._start()

    def control(self, dtr=None, rts=None):
        """Set DTR and RTS; None: as it is.  Raises OSError."""
        usbtask.run(
            self._control(self.dtr if dtr is None else dtr, self.rts if rts is None else rts),
            self.name,
        )

    def _control(self, dtr, rts):
        yield from self.chip.control(dtr, rts)
        self.dtr, self.rts = bool(dtr), bool(rts)

    def sendbreak(self, ms=250):
        """Hold the line in break.  Raises OSError."""
        usbtask.run(self._break(ms), self.name)

    def _break(self, ms):
        yield from self.chip.brk(True)
        try:
            yield ms
        finally:
            yield from self.chip.brk(False)

    def tell(self, lines, errors):
        """By the chip: bits, from the lowest.

        lines: DCD, DSR, -, RI, CTS; errors: break, -, framing, parity, overrun.
        """
        self.dcd, self.dsr, self.ri = bool(lines & 1), bool(lines & 2), bool(lines & 8)
        if lines & 16:
            self.cts = True
        elif self.cts is not None:
            self.cts = False
        if errors:
            self.breaks += errors & 1
            self.framing += errors >> 2 & 1
            self.parity += errors >> 3 & 1
            self.overruns += errors >> 4 & 1

    def detached(self):
        """By the core: unplugged."""
        self._forget(self)
        super().detached()
