"""A SATA disk as a block device (ATA8-ACS; SATA 3.4 §13.6 for NCQ)."""

import errno
import struct

import ahcicmd
from micropython import const

from ahci_drive import DONE, LBA, WRITE, Drive
from ahci_identify import Identity

_IDENTIFY = const(0xEC)
_READ_LOG = const(0x2F)
_LOG_NCQ = const(0x10)  # SATA 3.4 §13.7.1
_DSM = const(0x06)
_DSM_TRIM = const(1)
_SMART = const(0xB0)
_SMART_DATA = const(0xD0)
_SMART_STATUS = const(0xDA)
_SMART_KEY = const(0xC24F00)  # LBA of every SMART command
_RANGE = const(0xFFFF)  # blocks of one TRIM entry
_RANGES = const(64)  # entries in 512 bytes
_FLUSH_MS = const(60_000)  # ATA8-ACS §7.14: a flush may take longer than 30 s


class Disk(Drive):
    """MicroPython's block protocol: every call gives 0 or -errno and raises nothing.

    readblocks(n, buf, off=0), writeblocks(n, buf, off=0): off in bytes; any length.
    writefua(n, buf, off=0): on the medium when it returns, where info.fua says so.
    writev(n, bufs): a list of buffers of whole blocks, one after the other, as few commands.
    gather(lbas, count, buf): count blocks from each of an array("Q") of block numbers, queued.
    info: Identity.  block_size, blocks.  read_only: writes give -EROFS.
    """

    def __init__(self, name, port, link, log, vacate, reset):
        super().__init__(name, port, link, log, vacate, reset)
        self._ranges = None
        self._blocks = None
        self.waiters = None  # ahci_async's
        info = Identity(self._identify(_IDENTIFY))
        self.info = info
        self.block_size = port.block_size = info.block_size
        self.blocks = port.blocks = info.blocks
        port.what = ahcicmd.LBA48 if info.lba48 else 0
        port.dirty = 1  # by whoever had it before us
        # Bound methods of a C object: nothing of Python runs, or can be interrupted, in a request.
        self.readblocks = port.readblocks
        self.writeblocks = port.writeblocks
        self.writefua = port.writefua if info.fua and info.lba48 else self._write_and_flush
        self.writev = port.writev
        self.gather = port.gather

    @property
    def read_only(self):
        """Whether writes are refused."""
        return bool(self.port.read_only)

    @read_only.setter
    def read_only(self, on):
        self.port.read_only = bool(on)

    def ioctl(self, op, arg=0):
        """1 init, 2 deinit, 3 sync, 4 blocks, 5 bytes of a block, 6 forget block `arg` (TRIM)."""
        if op == 4:
            return self.blocks
        if op == 5:
            return self.block_size
        if op == 2 or op == 3:
            return self.flush()
        if op == 6:
            return self.trim(arg, 1)
        if op == 1:
            return -self.port.gone
        return -errno.EINVAL

    def flush(self):
        """What was written is on the medium when this returns 0."""
        port = self.port
        if port.gone:
            return -port.gone
        if not port.dirty or self.info.flush is None:
            return 0
        r = -errno.EIO
        try:
            port.dirty = 0
            r = self.command("flush", self.info.flush, ms=_FLUSH_MS)
        finally:  # also after Ctrl-C
            if r:
                port.dirty = 1
        return r

    def trim(self, first, count):
        """Tell the disk that these blocks hold nothing any more; 0 also where it has no TRIM."""
        info = self.info
        if self.port.gone:
            return -self.port.gone
        if first < 0 or count < 0 or first + count > self.blocks:
            return -errno.EINVAL
        if self.read_only:
            return -30  # EROFS
        if not info.trim_blocks:
            return 0
        if self._ranges is None:
            self._ranges = bytearray(512)
        ranges = self._ranges
        while count:
            i = 0
            while i < _RANGES and count:
                n = min(count, _RANGE)
                struct.pack_into("<Q", ranges, 8 * i, first | n << 48)
                first += n
                count -= n
                i += 1
            for j in range(8 * i, 512):
                ranges[j] = 0
            r = self.command("TRIM", _DSM, ranges, _DSM_TRIM, count=1, what=WRITE)
            if r:
                return r
            self.port.dirty = 1
        return 0

    def _write_and_flush(self, n, buf, off=0):
        r = self.writeblocks(n, buf, off)
        return r or self.flush()

    def smart(self):
        """{attribute: (value, worst, raw)} of SMART; {} where the disk has none.

        Raises OSError(EIO).
        """
        out = {}
        if not self.info.smart:
            return out
        data = bytearray(512)
        self._ask(data, _SMART_DATA)
        for at in range(2, 362, 12):
            number, _, value, worst = struct.unpack_from("<BHBB", data, at)
            if number:
                out[number] = value, worst, int.from_bytes(data[at + 5 : at + 11], "little")
        return out

    def healthy(self):
        """Whether SMART expects no failure; None where the disk has none.  Raises OSError(EIO)."""
        if not self.info.smart:
            return None
        self._ask(None, _SMART_STATUS)
        return self.link.received(0x40)[5:7] != b"\xf4\x2c"  # §7.53.8.3: LBA 23:8 of the answer

    def _ask(self, data, feature):
        if self.command("SMART", _SMART, data, feature, _SMART_KEY, 1, LBA):
            raise OSError(errno.EIO, "%s: SMART" % self.name)

    def _ncq_log(self):
        """Read the NCQ error log, which ends the disk's error state; text of it, or None."""
        page = self._sector
        if self._once(_READ_LOG, page, lba=_LOG_NCQ, count=1) != DONE:
            return None
        if page[0] & 0x80:
            return ", log 10h: not a queued command"
        lba = struct.unpack_from("<I", page, 4)[0] & 0xFFFFFF
        lba |= int.from_bytes(page[8:11], "little") << 24
        return ", log 10h: tag %d error 0x%02x LBA %d" % (page[0] & 31, page[3], lba)

    def _is_same(self):
        if self.info is None:
            return True
        try:
            return self.info.same(Identity(self._identify(_IDENTIFY)))
        except ValueError:
            return False

    def areadblocks(self, n, buf, off=0):
        """As readblocks, to be awaited: queued beside what other tasks ask for."""
        return (self._blocks or self._asyncio())(self, 0, n, buf, off)

    def awriteblocks(self, n, buf, off=0):
        """As writeblocks, to be awaited."""
        return (self._blocks or self._asyncio())(self, WRITE, n, buf, off)

    def _asyncio(self):
        # Not before it is needed, and not again: an import costs 2,600 instructions each time.
        from ahci_async import Waiters, blocks

        self.waiters = Waiters(self)
        self._blocks = blocks
        return blocks
