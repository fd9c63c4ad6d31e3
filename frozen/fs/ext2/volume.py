"""One mounted volume: what all of its parts share, and what happens when a structure is found
broken.
"""

import errno
import time

import klog
from micropython import const

from . import checksums, journal
from . import super as sblock
from .alloc import Allocator
from .blockmap import IndirectMap
from .cache import DATA, META, SOURCE, Cache
from .commit import Pending, commit
from .const import EROFS, EUCLEAN
from .disk import Disk
from .extents import ExtentMap
from .groups import Groups
from .inode import EXTENTS_FL, Table
from .inode4 import Table4

_MANY = const(512)  # changed inodes before a commit

POLICIES = ("continue", "remount-ro", "panic")  # in the order of s_errors, from 1


class Volume:
    """An ext2 file system on a block device.

    sb: block of a backup superblock, in KiB.  cache: bytes.  errors: one of POLICIES, or None for
    what the superblock says; panic is taken as remount-ro: a file system does not stop the
    machine.
    """

    def __init__(self, bdev, sb, read_only, cache, errors):
        if errors is not None and errors not in POLICIES:
            raise ValueError("errors: continue, remount-ro or panic")
        self.disk = Disk(bdev)
        self.name = self.disk.name
        self.read_only = read_only or self.disk.read_only
        self.errors = errors
        self.failed = False
        self._open(sb, cache)
        if self._is_dirty(sb is not None):
            self.disk = journal.overlay(self)
            self._open(sb, cache)
        self.commit_on_close = True  # a closed file is on the medium, as with VfsFat
        self.alloc = Allocator(self)
        self.pending = Pending()
        self._was_clean = self.sb.clean and sb is None  # a backup is as old as the file system

    def _open(self, backup, cache):
        """Read the superblock, check it, and make what reads the rest."""
        try:
            sb = self.sb = sblock.read(self.disk, backup)
        except OSError as why:
            if why.args[0] == EUCLEAN:
                self.log("the superblock contradicts itself")
            raise
        if self.errors is None:
            self.errors = POLICIES[max(min(sb.errors, 3), 1) - 1]
        self._features()
        self.disk.set_block_size(sb.block_size)
        if sb.blocks << sb.block_bits > self.disk.size:
            self.log("%d blocks, but the device ends before" % sb.blocks)
            raise OSError(EUCLEAN)
        self.checks = checksums.of(self)
        self.cache = Cache(self.disk, sb.block_size, cache >> sb.block_bits)
        self.groups = Groups(self, backup)
        self.indirect = IndirectMap(self)
        self.extents = ExtentMap(self) if sb.has(sblock.INCOMPAT, sblock.EXTENTS) else None
        four = sb.has(sblock.RO_COMPAT, sblock.METADATA_CSUM)
        four = four or sb.has(sblock.INCOMPAT, sblock.LARGEDIR)
        self.inodes = (Table4 if four else Table)(self)

    def _is_dirty(self, backup):
        """Whether the journal is to be replayed.

        One with data that the superblock does not tell of is not: Linux would discard it, e2fsck
        asks.  It must not be there when e2fsck comes after writes, so there are none.  A backup
        of the superblock never tells.
        """
        if self.sb.has(sblock.INCOMPAT, sblock.RECOVER):
            return True
        if not self.sb.has(sblock.COMPAT, sblock.HAS_JOURNAL) or self.read_only and not backup:
            return False
        read_only, self.read_only = self.read_only, True
        empty = journal.is_empty(self)
        if empty:
            self.read_only = read_only
        elif empty is False and backup:
            return True
        else:
            self.log("mounted read-only: the journal is not empty, e2fsck is due")
        return False

    def _features(self):
        refused = sblock.feature_names(self.sb.features, sblock.RO)
        if refused:
            self.log("not mounted: feature %s" % ", ".join(refused))
            raise OSError(errno.EOPNOTSUPP)
        reading = sblock.feature_names(self.sb.features, sblock.RW)
        if reading and not self.read_only:
            self.log("mounted read-only: feature %s" % ", ".join(reading))
            self.read_only = True

    def choose_map(self, inode):
        """Set how an inode maps its blocks, when it is not by indirect blocks alone."""
        inode.map = self.indirect
        if inode.flags & EXTENTS_FL:
            if not self.extents:
                self.corrupt("inode with extents, but no such feature", inode.ino)
            inode.map = self.extents

    def log(self, text):
        klog.log(klog.WARN, "ext2 %s: %s" % (self.name, text))

    def corrupt(self, what, where):
        """Log what is broken and where, follow the errors policy, raise OSError(EUCLEAN)."""
        self.log("%s %d is corrupt" % (what, where))
        self.fail()
        raise OSError(EUCLEAN)

    def fail(self):
        """An error was seen: the superblock is to say so, and by policy nothing more is
        written.
        """
        self.sb.error()
        if not self.read_only and not self.failed:
            try:
                self.write_super()
            except OSError:
                self.log("the superblock cannot be written")
        if self.errors != "continue" and not self.read_only:
            self.failed = self.read_only = True
            self.log("read-only from now on")

    def check_block(self, block, n, what, where):
        """OSError(EUCLEAN) unless blocks [block, block + n) are inside of the volume."""
        if block <= self.sb.first_data_block or block + n > self.sb.blocks:
            self.corrupt(what, where)

    def writable(self):
        """OSError(EROFS) when nothing may be written."""
        if self.read_only:
            raise OSError(EROFS)

    def now(self):
        """Seconds since 1970."""
        return int(time.time())

    def read_data(self, block, buf):
        """Fill buf, whole blocks, with file data from the disk: one request, past the cache."""
        if self.cache.data_waiting:
            if self.failed:  # what waits stays in memory
                size = self.sb.block_size
                for at in range(0, len(buf), size):
                    buf[at : at + size] = self.cache.get(block)
                    block += 1
                return
            self.cache.write(DATA)
        self.disk.read(block, buf)

    # Writing

    def start(self):
        """A mount for writing begins: note it on the disk."""
        if not self._was_clean:
            self.log("not unmounted cleanly, with errors, or by a backup: e2fsck is due")
            self.groups.recount()
        self.groups.write()  # what the primary ones have lost
        self.sb.mounted(self.now())
        self.write_super()
        self.disk.flush()

    def stop(self):
        """A mount for writing ends."""
        self.commit()
        self.sb.unmounted(self._was_clean)
        try:
            self.write_super()
            self.disk.flush()
        except OSError:  # still mounted, and the disk may say that it is clean
            self.fail()
            raise

    def write_super(self):
        """Write the primary superblock."""
        self.disk.write_bytes(1024, self.sb.pack(self.now()))

    def commit(self):
        """Bring all changes to the medium."""
        if not self.failed:
            commit(self)

    def sync(self):
        """commit() for who has to know: OSError(EIO) when an earlier error ended all writing."""
        if self.failed:
            raise OSError(errno.EIO)
        self.commit()

    def begin(self, blocks=8):
        """Before an operation that may take so many blocks.  OSError(EROFS).

        Commits first when too much waits, or when only what a commit frees would be room enough.
        """
        if self.read_only:
            raise OSError(EROFS)
        cache = self.cache
        if len(cache.data_waiting) > cache.limit // 2:
            cache.write(DATA)
        if cache.count() > cache.limit or len(self.inodes.dirty) > _MANY:
            self.commit()
        elif self.alloc.pending and (self.sb.free_blocks < blocks or not self.sb.free_inodes):
            self.commit()

    def write_data(self, block, buf, is_new):
        """Write whole blocks of file data now: one request, past the cache.

        is_new: just allocated, and so not in the cache.
        """
        if not is_new:
            self.cache.drop(block, len(buf) >> self.sb.block_bits)
        self.disk.write(block, buf)

    def new_block(self, goal):
        """A block for metadata, of zeros, that nothing points to yet: (block, bytearray)."""
        block = self.alloc.take(goal, 1)[0]
        return block, self.begin_block(block)

    def begin_block(self, block):
        """Zeros for a metadata block that was just taken: a bytearray that waits."""
        self.pending.fresh.add(block)
        return self.cache.new(block, DATA)

    def mark(self, block, data):
        """A directory or indirect block was changed."""
        self.cache.mark(block, data, DATA if block in self.pending.fresh else META)

    def is_source(self, block):
        """Whether a directory block waits for what moved out of it."""
        return self.cache.waits_in(block, SOURCE)
