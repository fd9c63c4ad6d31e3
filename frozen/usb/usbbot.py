"""Mass storage, bulk-only transport 1.0: one command at a time to one device."""

import struct

import dma
import klog
from micropython import const

import usbwait
from usbendpoint import BULK, Transfer

_CBW = const(31)  # §5.1
_CSW = const(13)  # §5.2
_CSW_AT = const(64)
_SMALL_AT = const(128)
_SMALL = const(256)  # answers to what is asked about the device itself
_LOSSES = const(4)  # commands in a row that came to nothing


class Bot:
    """The transport of an interface.  dead: of no use any more, until it is plugged in again.

    actual: bytes that the last command moved; residue: what its CSW said.  small: a memoryview,
    where ask() has its answers.  resets: how often the device had to be brought back.
    """

    def __init__(self, device, interface, log):
        self.device = device
        self.number = interface.number
        self.dead = False
        self.lock = usbwait.Lock(usbwait.LONG_MS)
        self.actual = self.residue = self.resets = 0
        self.log = log
        self._in = interface.endpoint(BULK, True)
        self._out = interface.endpoint(BULK, False)
        if self._in is None or self._out is None:
            raise ValueError("no bulk endpoints")
        self._ill = False  # the device may be anywhere in a command
        self._losses = 0
        self._tag = 0
        self._memory = dma.alloc(_SMALL_AT + _SMALL, 64, "usbmsc")
        view = memoryview(self._memory)
        self._cbw_bytes = view[:_CBW]
        self._csw_bytes = view[_CSW_AT : _CSW_AT + _CSW]
        self.small = view[_SMALL_AT:]
        self._cbw = Transfer(self._out, self._memory)
        self._cbw.length = _CBW
        self._csw = Transfer(self._in, self._memory)
        self._csw.offset = _CSW_AT
        self._csw.length = _CSW
        self._reading = Transfer(self._in)
        self._writing = Transfer(self._out)

    def luns(self):
        """Generator: how many units there are (§3.2).  A stall means one."""
        try:
            most = yield from self.device.request(0xA1, 0xFE, 0, self.number, 1)
        except OSError as why:
            if why.errno != usbwait.EPIPE:
                raise
            return 1
        return (most[0] & 15) + 1 if most else 1

    def ask(self, lun, cdb, length=0, limit_ms=5000):
        """Generator: a command with an answer of up to 256 bytes; CSW's status."""
        return (yield from self.command(lun, cdb, length, True, self._memory, _SMALL_AT, limit_ms))

    def command(self, lun, cdb, length=0, is_in=True, buffer=None, offset=0, limit_ms=30000):
        """Generator: one command; 0, or 1: it failed, and sense tells why.

        buffer: what has the memory's physical address.  Raises OSError: the device was lost on the
        way; it is reset (§5.3.4) before the next command.  The caller has the lock.
        """
        if self.dead:
            raise usbwait.error(usbwait.ENODEV, self.device.name)
        try:
            if self._ill:
                yield from self._recover()
            self._ill = True
            status = yield from self._run(lun, cdb, length, is_in, buffer, offset, limit_ms)
        except OSError as why:
            self._losses += why.errno != usbwait.EINTR
            if self.device.gone:
                self.dead = True
            elif self._losses >= _LOSSES and not self.dead:
                self.dead = True
                self.log(klog.ERROR, "%s: given up: %s" % (self.device.name, why))
            raise
        self._ill = False
        self._losses = 0
        return status

    def _run(self, lun, cdb, length, is_in, buffer, offset, limit_ms):
        self._tag = self._tag + 1 & 0xFFFFFFFF
        head = b"USBC", self._tag, length, 128 if is_in else 0, lun, len(cdb)
        struct.pack_into("<4sIIBBB", self._cbw_bytes, 0, *head)
        self._cbw_bytes[15:_CBW] = cdb + bytes(16 - len(cdb))
        cbw, csw = self._cbw, self._csw
        cbw.limit_ms = csw.limit_ms = limit_ms
        self.actual = self.residue = 0
        data = None
        if length:
            data = self._reading if is_in else self._writing
            data.buffer = buffer
            data.offset = offset
            data.length = length
            data.limit_ms = limit_ms
        try:
            # One after the other: QEMU loses a CSW that is asked for while data is on its way.
            cbw.submit()
            yield cbw
            came = data is not None and (yield from self._data(data))
            return (yield from self._status(length, came))
        except BaseException as why:
            yield from usbwait.settle(why, cbw, data, csw)
            raise
        finally:
            for t in (cbw, data, csw):
                if usbwait.wild(t):
                    self.dead = True
                    self.log(klog.ERROR, "%s: a transfer does not end" % self.device.name)

    def _data(self, data):
        """§6.7; whether the CSW came in place of the data."""
        data.submit()
        try:
            yield data
        except OSError as why:
            if why.errno != usbwait.EPIPE:
                raise
            yield from data.endpoint.clear_halt()  # §6.7.2, §6.7.3: the CSW comes all the same
        self.actual = data.actual
        if data.actual != _CSW or data.length == _CSW or not data.is_in:
            return False
        if data.buffer is not self._memory:  # no whole block: a CSW, or nothing of use
            raise usbwait.error(usbwait.EPROTO, "%s: 13 bytes" % self.device.name)
        found = memoryview(self._memory)[data.offset : data.offset + _CSW]
        if bytes(found[:8]) != struct.pack("<4sI", b"USBS", self._tag):
            return False
        self.actual = 0
        self._csw_bytes[:] = found
        return True

    def _status(self, length, came):
        """§6.3, figure 2: the CSW, which may come at the second time only."""
        csw = self._csw
        for again in () if came else (True, False):
            csw.submit()
            try:
                got = yield csw
            except OSError as why:
                if why.errno != usbwait.EPIPE or not again:
                    raise
                yield from self._in.clear_halt()
                continue
            if got:
                break  # else an empty packet ended the data
        sign, tag, residue, status = struct.unpack("<4sIIB", self._csw_bytes)
        if not came and csw.actual != _CSW or sign != b"USBS" or tag != self._tag:
            raise usbwait.error(usbwait.EPROTO, "%s: CSW" % self.device.name)
        if status > 1 or residue > length:
            raise usbwait.error(usbwait.EPROTO, "%s: phase" % self.device.name)
        self.residue = residue
        return status

    def _recover(self):
        """Reset recovery (§5.3.4)."""
        self.resets += 1
        device = self.device
        self.log(klog.WARN, "%s: reset" % device.name)
        yield from device.request(0x21, 0xFF, 0, self.number)
        yield from self._in.clear_halt()
        yield from self._out.clear_halt()

    def free(self):
        """The device has gone: nothing is under way any more."""
        self.dead = True
        if not usbwait.holds(self._memory):
            self._memory.free()
