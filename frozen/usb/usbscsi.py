"""SCSI units behind a USB transport: what a disk driver asks of them (SPC-4, SBC-3)."""

import struct

import klog
from micropython import const

import usbwait

_EIO = const(5)
_EROFS = const(30)
_EINVAL = const(22)
_ENOMEDIUM = const(123)
_EOPNOTSUPP = const(95)
_TRIES = const(3)
_ATTENTIONS = const(8)  # units tell one thing after the other
_READY_MS = const(10000)  # for a disk to come up
_LOOK_MS = const(100)
_LOOK_LIMIT_MS = const(5000)  # for what needs no medium to move
_FLUSH_MS = const(60000)
_WORD = const(0xFFFFFFFF)
_KINDS = {0: "disk", 5: "CD", 7: "disk", 14: "disk"}  # SPC-4 §6.4.2
_NO_SENSE = (11, 0, 0)  # as an aborted command: another try
_START_UNIT = b"\x1b\0\0\0\1\0"
_ERRORS = {3: -_EIO, 7: -_EROFS, 8: -_EIO}  # sense keys after which trying again is of no use
# What to do after a command that ended with a sense, where it is no errno.
_AGAIN = const(1)
_START = const(2)
_WAIT = const(3)


def sense_of(raw):
    """(key, code, qualifier) of sense data, fixed or by descriptors (SPC-4 §4.5)."""
    if len(raw) >= 8:
        kind = raw[0] & 0x7F
        if kind == 0x70 or kind == 0x71:
            code = (raw[12], raw[13]) if len(raw) >= 14 and raw[7] >= 6 else (0, 0)
            return (raw[2] & 15,) + code
        if kind == 0x72 or kind == 0x73:
            return raw[1] & 15, raw[2], raw[3]
    return _NO_SENSE


def is_deferred(raw):
    """Whether sense data are of an earlier command; this one was not done (SPC-4 §4.5.5)."""
    return bool(raw) and raw[0] & 0x7D == 0x71


def text_of(raw):
    """What an INQUIRY has as text."""
    return "".join([chr(c) if 32 < c < 127 else " " for c in raw]).strip()


class Unit:
    """A logical unit.  bot: its transport.

    kind: "disk", "CD" or None: neither.  vendor, product, revision.
    blocks, block_size: of the medium; 0 without one.  read_only.
    sense: (key, code, qualifier) that the last command failed with; why: the same for the log, or
    how the transport failed.
    """

    def __init__(self, bot, lun):
        self.bot = bot
        self.lun = lun
        self.kind = None
        self.vendor = self.product = self.revision = ""
        self.removable = self.read_only = False
        self.blocks = self.block_size = 0
        self.sense = (0, 0, 0)
        self.on_gone = None  # called when the medium has gone
        self.why = ""
        self._late = False  # an earlier write failed after all
        self._whole = False  # whether the last command moved all that it was to
        self._cdbs = bytearray(16)

    def identify(self):
        """Generator: INQUIRY.  Raises OSError, ValueError: nothing that we know."""
        raw = yield from self._ask(b"\x12\x00\x00\x00\x24\x00", 36, 5)
        self.kind = _KINDS.get(raw[0])  # with a qualifier above it: nothing is connected
        self.removable = bool(raw[1] & 128)
        self.vendor, self.product = text_of(raw[8:16]), text_of(raw[16:32])
        self.revision = text_of(raw[32:36])

    def look(self):
        """Generator: what medium there is; whether there is one.  Raises OSError."""
        self.blocks = 0
        status = yield from self.command(b"\0\0\0\0\0\0", limit_ms=_LOOK_LIMIT_MS)
        if status:
            return False
        raw = yield from self._ask(b"\x25" + bytes(9), 8, 8)
        last, size = struct.unpack(">II", raw)
        if last == _WORD:
            raw = yield from self._ask(b"\x9e\x10" + bytes(8) + b"\0\0\0\x20\0\0", 32, 12)
            last, size = struct.unpack(">QI", raw[:12])
        if size not in (512, 1024, 2048, 4096) or not 0 < last < 1 << 48:
            raise usbwait.error(_EINVAL, "unit %d: %d blocks of %d" % (self.lun, last + 1, size))
        raw = yield from self._mode()
        self.read_only = self.kind == "CD" or bool(raw and raw[2] & 128)
        self.block_size = size
        self.blocks = last + 1
        self._late = False
        return True

    def _mode(self):
        """The head of MODE SENSE's answer: write protection (SBC-3 §6.4.1).  b"": not told."""
        for length in (192, 4):  # what Windows asks for: all have met that
            raw = yield from self._ask(bytes((0x1A, 0, 0x3F, 0, length, 0)), length, 4, True)
            if raw:
                return raw
        return b""

    def _ask(self, cdb, length, least, softly=False):
        """An answer of at least so many bytes.  Raises OSError; softly: b"" then."""
        bot = self.bot
        yield from bot.lock.take()
        try:
            for _ in range(_TRIES):
                what = cdb, length, True, None, 0, _LOOK_LIMIT_MS
                status = -(yield from self._tried(*what))
                if status or bot.actual >= least:
                    break
                status = _EIO
            if not status:
                return bytes(bot.small[: bot.actual])
        finally:
            bot.lock.give()
        if softly:
            return b""
        raise usbwait.error(status, "unit %d: command 0x%02x" % (self.lun, cdb[0]))

    def move(self, write, lba, count, buffer, offset):
        """Generator: read or write blocks; 0 or -errno."""
        cdb = self._cdbs
        if lba + count > _WORD:
            struct.pack_into(">BBQIBB", cdb, 0, 0x8A if write else 0x88, 0, lba, count, 0, 0)
            n = 16
        else:
            struct.pack_into(">BBIBHB", cdb, 0, 0x2A if write else 0x28, 0, lba, 0, count, 0)
            n = 10
        length = count * self.block_size
        return (yield from self.command(bytes(cdb[:n]), length, not write, buffer, offset))

    def flush(self):
        """Generator: what was written is on the medium; 0, also without a cache, or -errno."""
        status = yield from self.command(b"\x35" + bytes(9), limit_ms=_FLUSH_MS)
        late, self._late = self._late, False
        if late or status == -_EOPNOTSUPP:
            status = -_EIO if late else 0
        return status

    def command(self, cdb, length=0, is_in=True, buffer=None, offset=0, limit_ms=30000):
        """Generator: a command, again where that may help; 0 or -errno.

        Without a buffer the answer is in bot.small.  Raises OSError only when nothing can come of
        the device any more.
        """
        yield from self.bot.lock.take()
        try:
            return (yield from self._tried(cdb, length, is_in, buffer, offset, limit_ms))
        finally:
            self.bot.lock.give()

    def _tried(self, *what):
        """command(), for who has the lock."""
        bot = self.bot
        self._tries, self._attentions = _TRIES, _ATTENTIONS
        self._waits = _READY_MS // _LOOK_MS
        self._started = False
        while True:
            try:
                todo = self._judge((yield from self._once(*what)))
                if todo == _START:
                    told = yield from self._once(_START_UNIT)
                    todo = self._judge(told) if told and told[0] == 6 else _AGAIN
            except OSError as why:
                if bot.dead or bot.device.gone:
                    raise usbwait.error(usbwait.ENODEV, bot.device.name) from None
                if why.errno == usbwait.EINTR:
                    raise
                self.why = usbwait.words(why)
                todo = self._again()
            if todo == _WAIT:
                yield _LOOK_MS
            elif todo <= 0:
                return todo

    def _judge(self, sense):
        """What to do after a command: 0 or -errno to return, _AGAIN, _START, _WAIT."""
        if sense is None:
            return 0
        self.sense = sense
        self.why = "sense %x/%02x/%02x" % sense
        key, code, qualifier = sense
        if key == 1 and self._whole:  # recovered
            return 0
        if key == 2:
            return self._not_ready(code, qualifier)
        if key == 5:
            return -_EOPNOTSUPP if code == 0x20 or code == 0x24 else -_EIO
        if key == 6:
            if code == 0x28 or code == 0x3A or (code, qualifier) == (0x2A, 9):
                if self._gone():
                    return -_ENOMEDIUM
            self._attentions -= 1
            return _AGAIN if self._attentions else -_EIO
        return _ERRORS.get(key) or self._again()

    def _not_ready(self, code, qualifier):
        if code == 4 and qualifier == 2 and not self._started:
            self._started = True
            return _START
        if code == 4 and self._waits:
            self._waits -= 1
            return _WAIT
        self._gone()
        return -_ENOMEDIUM

    def _again(self):
        self._tries -= 1
        return _AGAIN if self._tries else -_EIO

    def _gone(self):
        """The medium is another one, or none; whether somebody used the one before."""
        used = self.blocks != 0
        self.blocks = 0
        if used and self.on_gone is not None:
            self.on_gone(self)
        return used

    def _once(self, cdb, length=0, is_in=True, buffer=None, offset=0, limit_ms=30000):
        """None, or what sense says.  Raises OSError, EIO where bytes are missing."""
        bot = self.bot
        if buffer is None:
            status = yield from bot.ask(self.lun, cdb, length, limit_ms)
            self._whole = True
        else:
            status = yield from bot.command(self.lun, cdb, length, is_in, buffer, offset, limit_ms)
            self._whole = bot.actual == length and not bot.residue
            if not status and not self._whole:
                raise usbwait.error(_EIO, "%d of %d bytes" % (bot.actual - bot.residue, length))
        if not status:
            return None
        actual = bot.actual
        failed = yield from bot.ask(self.lun, b"\x03\x00\x00\x00\x12\x00", 18)
        raw = b"" if failed else bytes(bot.small[: bot.actual])
        bot.actual = actual
        sense = sense_of(raw)
        if is_deferred(raw):
            self._late = self._late or sense[0] != 1
            self.why = "deferred sense %x/%02x/%02x" % sense
            text = "usbmsc: %s: unit %d: %s" % (bot.device.name, self.lun, self.why)
            bot.log(klog.ERROR, text)
            return _NO_SENSE
        return sense if sense[0] else _NO_SENSE
