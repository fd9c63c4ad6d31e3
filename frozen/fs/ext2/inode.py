"""Inodes: the on-disk form of 128 bytes or more, and the table that finds, keeps and stores
them.
"""

import struct

import ext2c
from micropython import const

from .cache import SPREAD
from .const import S_IFDIR, S_IFMT, S_IFREG

_LINKS = const(26)
_FLAGS = const(32)
_BLOCK = const(40)  # i_block[15]
_FILE_ACL = const(104)
_SIZE_HIGH = const(108)
_EXTRA_ISIZE = const(128)
_WANT_EXTRA = const(32)  # up to and with i_projid, what mke2fs gives
_CRTIME = const(144)
_KEEP = const(256)  # inodes in core before unused ones are forgotten

INDEX_FL = const(0x1000)
EXTENTS_FL = const(0x80000)


def _word(off):
    """Property for a 32-bit field that is kept in raw only."""

    def read(self):
        return struct.unpack_from("<I", self.raw, off)[0]

    def write(self, value):
        struct.pack_into("<I", self.raw, off, value & 0xFFFFFFFF)

    return property(read, write)


class Inode:
    """One inode in core, made by ext2c.inode(): ino, map, and of its table entry mode, size, links
    and flags.  raw holds what has no attribute of its own.

    What most inodes never need are attributes of the class: making an inode is part of every
    open().
    """

    dirty = False
    new = False  # not on the disk before the next commit
    grown = False  # a directory with a block more than on the disk
    moved = False  # got a name since the last commit
    shed = False  # a directory that lost a name since then
    left = False  # and what had the name lives on elsewhere
    doomed = False  # on the list of what the next commit frees
    level = 0  # order among the new inodes of a commit: after its directory
    hint = 0  # where allocation goes on
    hint_room = 0  # first block of a directory with room for a name
    found_at = 0  # block of a directory on the disk where a name was found last
    listed = None  # all blocks of a directory on the disk (dirs.py)
    # opened: by how many files; run_first, run_length, run_phys: the run found last (blockmap.py)

    atime = _word(8)
    ctime = _word(12)
    mtime = _word(16)
    dtime = _word(20)
    sectors = _word(28)
    xattr_block = _word(_FILE_ACL)  # with extended attributes, 0 none

    @property
    def format(self):
        """The type bits of the mode."""
        return self.mode & S_IFMT

    @property
    def is_dir(self):
        return self.mode & S_IFMT == S_IFDIR

    def stat(self):
        """10-tuple as os.stat()."""
        return ext2c.stat(self.pack(), 0, self.ino)

    def fast_link(self, sectors_of_xattr):
        """Target of a symbolic link that is kept in the inode, bytes; None when it is in a
        block.
        """
        if self.size >= 60 or self.sectors > sectors_of_xattr:
            return None
        return bytes(self.raw[_BLOCK : _BLOCK + self.size])

    def set_fast_link(self, target):
        self.raw[_BLOCK : _BLOCK + len(target)] = target
        self.size = len(target)

    def pack(self):
        """Put the attributes into raw, and return it."""
        raw = self.raw
        struct.pack_into("<H", raw, 0, self.mode)
        struct.pack_into("<I", raw, 4, self.size & 0xFFFFFFFF)
        struct.pack_into("<H", raw, _LINKS, self.links & 0xFFFF)
        struct.pack_into("<I", raw, _FLAGS, self.flags)
        if self.mode & S_IFMT == S_IFREG:
            struct.pack_into("<I", raw, _SIZE_HIGH, self.size >> 32)
        return raw


def fresh(ino, mode, size, now, generation):
    """An inode that is not on the disk yet and has no name: `size` bytes of table entry."""
    raw = bytearray(size)
    if size > _EXTRA_ISIZE:
        struct.pack_into("<H", raw, _EXTRA_ISIZE, _WANT_EXTRA)
        struct.pack_into("<I", raw, _CRTIME, now & 0xFFFFFFFF)
    struct.pack_into("<I", raw, 100, generation)
    inode = ext2c.inode(Inode, ino, None, raw, 0, size)
    inode.mode = mode
    inode.atime = inode.ctime = inode.mtime = now
    inode.new = inode.dirty = True
    return inode


class Table:
    """The inodes of a volume by number.  The same number gives the same object while anybody
    holds it open.
    """

    def __init__(self, volume):
        self._volume = volume
        self._bits = volume.sb.block_bits
        self._mask = volume.sb.block_size - 1
        self._per_group = volume.sb.inodes_per_group
        self._size = volume.sb.inode_size
        self._most = volume.indirect.limit() << self._bits  # bytes that pointers reach
        self._tables = {}
        self.core = {}
        self.shape = (
            Inode,
            volume.indirect,
            self._tables,
            self._per_group,
            self._size,
            self._bits,
            SPREAD,
        )  # for ext2c.near_inode() and near_stat()
        self._limit = _KEEP
        self.crowded = False
        self.dirty = {}

    def place(self, ino):
        """(block, offset) of an inode in the table on the disk."""
        at = ino - 1
        table = self._tables.get(at // self._per_group)
        if table is None:
            table = self._table(ino)
        off = at % self._per_group * self._size
        return table + (off >> self._bits), off & self._mask

    def _table(self, ino):
        """First block of the table with an inode, found for the first time in its group."""
        if not 1 <= ino <= self._volume.sb.inodes:
            self._volume.corrupt("inode number", ino)
        group = (ino - 1) // self._per_group
        table = self._tables[group] = self._volume.groups.inode_table(group)
        return table

    def get(self, ino):
        """The inode in core; read when it is not here.  OSError(EUCLEAN) for a number or content
        that cannot be.
        """
        inode = self.core.get(ino)
        if inode is None:
            block, off = self.place(ino)
            volume = self._volume
            table = volume.cache.get(block)
            inode = ext2c.inode(Inode, ino, volume.indirect, table, off, self._size)
            if inode.flags & EXTENTS_FL:
                volume.choose_map(inode)
            size = inode.size
            if size >> 32 or inode.mode & S_IFMT == S_IFDIR:
                self._check_size(inode, size)
            core = self.core
            core[ino] = inode
            if len(core) > self._limit:
                self.crowded = True
        return inode

    def _check_size(self, inode, size):
        """OSError(EUCLEAN) for a directory or a large file of a size that cannot be."""
        volume = self._volume
        if (
            size >> 48
            or (size > self._most and inode.map is volume.indirect)
            or (inode.mode & S_IFMT == S_IFDIR and size & self._mask)
        ):
            volume.corrupt("inode size", inode.ino)

    def stat(self, ino, block):
        """10-tuple of os.stat() for a name found in a directory block, without taking the inode
        in.
        """
        inode = self.core.get(ino)
        if inode is not None:
            return self.live(ino, block).stat()
        at, off = self.place(ino)
        found = ext2c.stat(self._volume.cache.get(at), off, ino)
        if found[0] == 0 or found[3] == 0:
            self._volume.corrupt("directory entry to a free inode", block)
        return found

    def live(self, ino, block):
        """get() for a name found in a directory block: OSError(EUCLEAN) when the inode is not in
        use.
        """
        inode = self.get(ino)
        if inode.links == 0 or inode.mode == 0:
            self._volume.corrupt("directory entry to a free inode", block)
        return inode

    def trim(self):
        """Between operations, when nobody holds an inode but open files: forget those that wait
        for nothing.  Worth a call when `crowded`.
        """
        self.core = ext2c.kept(self.core, self.dirty, _KEEP + _KEEP // 2)
        self._limit = max(_KEEP, 2 * len(self.core))
        self.crowded = False

    def orphans(self):
        """Inodes without a name that files have open."""
        return [i for i in self.core.values() if i.opened and i.links == 0 and not i.dtime]

    def add(self, inode):
        """Take in an inode that was just made."""
        self.core[inode.ino] = inode
        self.dirty[inode.ino] = inode

    def mark(self, inode):
        """The inode was changed."""
        inode.dirty = True
        self.dirty[inode.ino] = inode

    def settle(self):
        """All is on the disk but inodes that are new and have no name: the disk never sees them
        so.
        """
        still = {}
        for ino, inode in self.dirty.items():
            if inode.new and inode.links == 0:
                still[ino] = inode
                continue
            inode.dirty = inode.new = inode.grown = inode.moved = inode.shed = inode.left = False
            inode.level = 0
        self.dirty = still

    def forget(self, inode):
        """The inode is free: nobody finds it any more."""
        self.core.pop(inode.ino, None)
        self.dirty.pop(inode.ino, None)
        inode.dirty = False

    def store(self, inodes):
        """Write inodes into their table blocks, each block once."""
        volume = self._volume
        touched = {}
        for inode in inodes:
            block, off = self.place(inode.ino)
            data = touched.get(block)
            if data is None:
                data = touched[block] = volume.cache.get(block)
            data[off : off + volume.sb.inode_size] = inode.pack()
        for block in sorted(touched):
            volume.disk.write(block, touched[block])
