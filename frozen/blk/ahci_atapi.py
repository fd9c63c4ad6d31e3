"""A CD or DVD drive as a block device of 2048 bytes, read only (SFF-8020i / MMC-6, SPC-4)."""

import errno
import struct

import ahcicmd
from micropython import const

from ahci_drive import DONE, LATE, Drive
from ahci_identify import Identity

_IDENTIFY_PACKET = const(0xA1)
_PACKET = const(0xA0)
_PACKET_DMA = const(1)
_PACKET_IN = const(4)  # DMADIR: from the device
_TEST_UNIT_READY = const(0x00)  # SPC-4 §6
_REQUEST_SENSE = const(0x03)
_INQUIRY = const(0x12)
_READ_CAPACITY = const(0x25)  # MMC-6 §6.24
_READ_12 = const(0xA8)  # MMC-6 §6.18
_BLOCK = const(2048)
_CHUNK = const(32)  # blocks of one command: as much as the bounce buffer takes
_EROFS = const(30)  # errno lacks these
_ENOMEDIUM = const(123)
_READY_MS = const(10_000)  # a drive that spins up
_POLL_MS = const(100)
_WORTH_IT = (0, 3, 4, 11)  # nothing said, medium, hardware, aborted: may work the next time
_ATTENTIONS = const(8)  # unit attentions in a row

KEYS = (
    "no sense",
    "recovered",
    "not ready",
    "medium error",
    "hardware error",
    "illegal request",
    "unit attention",
    "data protect",
)


def sense_text(sense):
    """Sense (key, code, qualifier) in words and numbers."""
    key, code, qualifier = sense
    name = KEYS[key] if key < len(KEYS) else "sense key %d" % key
    return "%s %02x/%02x" % (name, code, qualifier)


class CdRom(Drive):
    """The block protocol, never raising: 0 or -errno; -ENOMEDIUM (123) without a disc.

    info: Identity; vendor, product, revision: of INQUIRY.  changes: media changes seen.
    block_size is 2048.
    """

    block_size = _BLOCK
    read_only = True

    def __init__(self, name, port, link, log, vacate, reset):
        super().__init__(name, port, link, log, vacate, reset, True)
        self._cdb = bytearray(12)
        self._block = bytearray(_BLOCK)
        self._count = None  # of blocks; None: not asked since the medium changed
        self.changes = 0
        self.sense = (0, 0, 0)
        data = self._identify(_IDENTIFY_PACKET)
        self.info = Identity(data, True)
        word = struct.unpack_from("<H", data, 124)[0]
        self._dma = _PACKET_DMA | (_PACKET_IN if word & 1 << 15 else 0)
        inquiry = bytearray(36)
        self._clear(_INQUIRY)
        self._cdb[4] = 36
        self._packet(inquiry)
        text = bytes(b if 32 <= b < 127 else 63 for b in inquiry[8:]).decode()
        self.vendor = text[:8].strip()
        self.product = text[8:24].strip()
        self.revision = text[24:28].strip()

    def _clear(self, opcode):
        cdb = self._cdb
        for i in range(len(cdb)):
            cdb[i] = 0
        cdb[0] = opcode

    def _packet(self, buf=None, what=ahcicmd.ATAPI):
        """Run the command in _cdb; 0, or -errno with .sense set.  One try."""
        r = self.refusal()
        if r:
            return r
        port = self.port
        f = self._fis
        for i in range(len(f)):
            f[i] = 0
        f[0] = 0x27
        f[1] = 0x80
        f[2] = _PACKET
        f[3] = self._dma if buf else 0
        self.sense = (0, 0, 0)
        why = port.run(f, buf, what, _READY_MS, self._cdb)
        if why == DONE:
            return 0
        port.late = why >= LATE
        checked = port.causes == 1 << 30 and not port.late
        opcode = self._cdb[0]
        # A drive that has something to say is no fault: only what it says may be one.
        self.attend(port, None if checked else "packet 0x%02x" % opcode)
        if port.gone:
            return -port.gone
        if checked and opcode != _REQUEST_SENSE:
            self._ask_sense()
            return self._errno()
        return -errno.EIO

    def _ask_sense(self):
        cdb = bytes(self._cdb)
        data = bytearray(18)
        self._clear(_REQUEST_SENSE)
        self._cdb[4] = 18
        if self._packet(data) == 0:
            self.sense = data[2] & 0xF, data[12], data[13]
        self._cdb[:] = cdb

    def _errno(self):
        key, code, _ = self.sense
        if key == 2 and code == 0x3A:
            self._count = None
            return -_ENOMEDIUM
        if key == 5 and code == 0x21:
            return -errno.EINVAL
        return -errno.EIO

    def _command(self, buf=None):
        """_packet() until the drive is ready: over unit attentions, and while it spins up."""
        clock = self.link.clock
        end = clock.ticks_add(clock.ticks_ms(), _READY_MS)
        attentions = 0
        again = False
        tries = self.retries
        while True:
            r = self._packet(buf)
            key, code, _ = self.sense
            if r == 0 or self.port.gone:
                return r
            if key == 6 and attentions < _ATTENTIONS:
                attentions += 1
                if code == 0x28:
                    self.changes += 1
                self._count = None
            elif key == 2 and code == 4 and clock.ticks_diff(end, clock.ticks_ms()) > 0:
                clock.sleep_ms(_POLL_MS)
            elif key == 2 and code == 0x3A and not again:
                again = True  # QEMU says so once before it says that the medium changed
            elif r == -errno.EIO and tries > 0 and key in _WORTH_IT:
                tries -= 1
            else:
                if r == -errno.EIO:
                    text = "command 0x%02x: %s" % (self._cdb[0], sense_text(self.sense))
                    self._log(4, "ahci: %s: %s" % (self.name, text))
                return r

    def ready(self):
        """Whether there is a disc that can be read: 0, -ENOMEDIUM (123), or another -errno."""
        self._clear(_TEST_UNIT_READY)
        try:
            return self._command()
        except OSError as why:
            return self._broken(why)

    def capacity(self):
        """Blocks of 2048 bytes on the disc, or -errno."""
        if self._count is not None:
            return self._count
        data = bytearray(8)
        r = self.ready()
        if r == 0:
            self._clear(_READ_CAPACITY)
            r = self._command(data)
        if r:
            return r
        last, size = struct.unpack(">II", data)
        if size != _BLOCK:
            self._log(4, "ahci: %s: blocks of %d bytes" % (self.name, size))
            return -errno.EIO
        self._count = last + 1
        return self._count

    @property
    def blocks(self):
        """capacity(), or 0 without a disc."""
        return max(0, self.capacity())

    def readblocks(self, n, buf, off=0):
        """Read len(buf) bytes from block n on, off bytes into it."""
        try:
            return self._read(n * _BLOCK + off, memoryview(buf))
        except OSError as why:
            return self._broken(why)

    def _broken(self, why):
        self._log(3, "ahci: %s: %s" % (self.name, why))
        return -self.port.gone if self.port.gone else -errno.EIO

    def _read(self, at, view):
        r = self.ready()
        count = r or self.capacity()
        if count < 0:
            return count
        if at < 0 or at + len(view) > count * _BLOCK:
            return -errno.EINVAL
        if len(bytes(view[:1])) > 1:  # an array's items: what is counted are bytes
            return -errno.EINVAL
        done = 0
        while done < len(view):
            lba, skip = divmod(at + done, _BLOCK)
            left = len(view) - done
            if skip or left < _BLOCK:
                part = min(left, _BLOCK - skip)
                r = self._blocks(lba, 1, self._block)
                view[done : done + part] = self._block[skip : skip + part]
            else:
                blocks = min(left // _BLOCK, _CHUNK)
                part = blocks * _BLOCK
                r = self._blocks(lba, blocks, view[done : done + part])
            if r:
                return r
            done += part
        return 0

    def _blocks(self, lba, count, buf):
        self._clear(_READ_12)
        struct.pack_into(">II", self._cdb, 2, lba, count)
        r = self._command(buf)
        if r == -errno.EIO:
            self._log(3, "ahci: %s: read of %d blocks at LBA %d failed" % (self.name, count, lba))
        return r

    def writeblocks(self, n, buf, off=0):
        """A CD is not written to: -EROFS."""
        return -_EROFS

    def flush(self):
        """Nothing to do."""
        return 0

    def ioctl(self, op, arg=0):
        """1 to 6 as of every block device; 4 and 1 give -errno without a disc."""
        if op == 4:
            return self.capacity()
        if op == 5:
            return _BLOCK
        if op == 1:
            return self.ready()
        return 0 if op in (2, 3) else -_EROFS if op == 6 else -errno.EINVAL

    def _is_same(self):
        if self.info is None:
            return True
        try:
            other = Identity(self._identify(_IDENTIFY_PACKET), True)
        except ValueError:
            return False
        return (other.model, other.serial) == (self.info.model, self.info.serial)
