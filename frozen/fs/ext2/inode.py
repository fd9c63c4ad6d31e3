"""Inodes: the on-disk form of 128 bytes or more, and the table that finds, keeps and stores
them.
"""

import struct

from micropython import const

from .const import S_IFDIR, S_IFLNK, S_IFMT, S_IFREG

_FORMAT = "<HHIIIIIHHII"  # mode uid size atime ctime mtime dtime gid links sectors flags
_BLOCK = const(40)  # i_block[15]
_FILE_ACL = const(104)
_SIZE_HIGH = const(108)
_UID_HIGH = const(120)  # then gid
_EXTRA_ISIZE = const(128)
_WANT_EXTRA = const(32)  # up to and with i_projid, what mke2fs gives
_CRTIME = const(144)
_KEEP = const(256)  # inodes in core before unused ones are forgotten

INDEX_FL = const(0x1000)
EXTENTS_FL = const(0x80000)
HUGE_FILE_FL = const(0x40000)


class Inode:
    """One inode in core.  raw holds what has no attribute of its own (pointers, extra fields,
    xattrs).
    """

    def __init__(self, ino, raw):
        self.ino = ino
        self.raw = raw
        (
            self.mode,
            self.uid,
            size,
            self.atime,
            self.ctime,
            self.mtime,
            self.dtime,
            self.gid,
            self.links,
            self.sectors,
            self.flags,
        ) = struct.unpack_from(_FORMAT, raw, 0)
        if self.mode & S_IFMT == S_IFREG:
            size |= struct.unpack_from("<I", raw, _SIZE_HIGH)[0] << 32
        self.size = size
        self.opened = 0  # by files
        self.dirty = False
        self.new = False  # not on the disk before the next commit
        self.grown = False  # a directory with a block more than on the disk
        self.moved = False  # got a name since the last commit
        self.shed = False  # a directory that lost a name since then
        self.left = False  # and what had the name lives on elsewhere
        self.level = 0  # order among the new inodes of a commit: after its directory
        self.hint = 0  # where allocation goes on
        self.hint_room = 0  # first block of a directory with room for a name
        self.map = None

    @property
    def format(self):
        """The type bits of the mode."""
        return self.mode & S_IFMT

    @property
    def is_dir(self):
        return self.mode & S_IFMT == S_IFDIR

    @property
    def xattr_block(self):
        """Block with extended attributes, 0 none."""
        return struct.unpack_from("<I", self.raw, _FILE_ACL)[0]

    @xattr_block.setter
    def xattr_block(self, block):
        struct.pack_into("<I", self.raw, _FILE_ACL, block)

    @property
    def owner(self):
        """(uid, gid), 32 bits each."""
        high = struct.unpack_from("<HH", self.raw, _UID_HIGH)
        return self.uid | high[0] << 16, self.gid | high[1] << 16

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
        struct.pack_into(
            _FORMAT,
            self.raw,
            0,
            self.mode,
            self.uid,
            self.size & 0xFFFFFFFF,
            self.atime & 0xFFFFFFFF,
            self.ctime & 0xFFFFFFFF,
            self.mtime & 0xFFFFFFFF,
            self.dtime & 0xFFFFFFFF,
            self.gid,
            self.links,
            self.sectors & 0xFFFFFFFF,
            self.flags,
        )
        if self.mode & S_IFMT == S_IFREG:
            struct.pack_into("<I", self.raw, _SIZE_HIGH, self.size >> 32)
        return self.raw


def fresh(ino, mode, size, now, generation):
    """An inode that is not on the disk yet and has no name: `size` bytes of table entry."""
    raw = bytearray(size)
    if size > _EXTRA_ISIZE:
        struct.pack_into("<H", raw, _EXTRA_ISIZE, _WANT_EXTRA)
        struct.pack_into("<I", raw, _CRTIME, now & 0xFFFFFFFF)
    struct.pack_into("<I", raw, 100, generation)
    inode = Inode(ino, raw)
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
        self._core = {}
        self.dirty = {}

    def place(self, ino):
        """(block, offset) of an inode in the table on the disk."""
        volume = self._volume
        sb = volume.sb
        if not 1 <= ino <= sb.inodes:
            volume.corrupt("inode number", ino)
        group, index = divmod(ino - 1, sb.inodes_per_group)
        off = index * sb.inode_size
        return volume.groups.inode_table(group) + (off >> sb.block_bits), off & (sb.block_size - 1)

    def get(self, ino):
        """The inode in core; read when it is not here.  OSError(EUCLEAN) for a number or content
        that cannot be.
        """
        inode = self._core.get(ino)
        if inode is None:
            block, off = self.place(ino)
            volume = self._volume
            raw = volume.cache.get(block)[off : off + volume.sb.inode_size]
            inode = Inode(ino, raw)
            volume.choose_map(inode)
            if inode.size >> 48 or (inode.is_dir and inode.size & (volume.sb.block_size - 1)):
                volume.corrupt("inode size", ino)
            self._core[ino] = inode
        return inode

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
        for nothing.
        """
        if len(self._core) > _KEEP:
            self._core = {n: i for n, i in self._core.items() if i.opened or i.dirty or i.new}

    def orphans(self):
        """Inodes without a name that files have open."""
        return [i for i in self._core.values() if i.opened and i.links == 0 and not i.dtime]

    def add(self, inode):
        """Take in an inode that was just made."""
        self._core[inode.ino] = inode
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
        self._core.pop(inode.ino, None)
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


def is_link(inode):
    return inode.mode & S_IFMT == S_IFLNK
