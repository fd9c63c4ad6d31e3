"""Where an image of ext2, ext3 or ext4 has its structures, for damage that knows what it hits.

A second reader of the format, without the checks of the first: for sound images only.
"""

import struct

_LINK_OFF = 40  # i_block
_EXTENTS = 0x80000
_JOURNAL_MAGIC = b"\xc0\x3b\x39\x98"


def _u32(image, at):
    return struct.unpack_from("<I", image, at)[0]


class Layout:
    """places: (kind, offset, length) of each structure; kinds: super, groups, bitmap, inode, dir,
    indirect, extent, link, xattr, data, root (a tree of extents in its inode), and of a journal
    jsuper, jblock, jcopy.  blocks: their numbers, for pointers to what is in use already.

    owner: {offset: number} of the group of a descriptor, the inode of an inode, directory block or
    block of extents; of a root (offset, length) of its inode; of a journal's copy, (offset of its
    descriptor block, of its tag there, its transaction).
    """

    def __init__(self, image):
        self._image = image
        u = struct.unpack_from
        self.size = 1024 << _u32(image, 1048)
        self.count, self.inodes = _u32(image, 1028), _u32(image, 1024)
        first = _u32(image, 1044)
        groups = -(-(self.count - first) // _u32(image, 1056))
        per_group = _u32(image, 1064)
        inode_size = u("<H", image, 1112)[0] if _u32(image, 1100) else 128
        self._inode_size = inode_size
        desc_size = u("<H", image, 1024 + 254)[0] if _u32(image, 1024 + 96) & 0x80 else 32
        journal = _u32(image, 1024 + 224) if _u32(image, 1024 + 92) & 4 else 0
        self.places = [("super", 1024, 640)]
        self.blocks = {first, first + 1}
        self.owner = {}
        for group in range(groups):
            at = (first + 1) * self.size + desc_size * group
            self._add("groups", at, group, desc_size)
            bitmaps = u("<II", image, at)
            for block in bitmaps:
                self._block("bitmap", block)
            table = _u32(image, at + 8)
            for i in range(per_group):
                off = table * self.size + i * inode_size
                if u("<H", image, off)[0]:
                    ino = group * per_group + i + 1
                    self._add("inode", off, ino, inode_size)
                    self.blocks.add(off // self.size)
                    if ino == journal:
                        self._journal(off)
                    else:
                        self._inode(off, ino)

    def _add(self, kind, at, owner, length):
        self.places.append((kind, at, length))
        self.owner[at] = owner

    def _block(self, kind, block, owner=0):
        self._add(kind, block * self.size, owner, self.size)
        self.blocks.add(block)

    def _inode(self, at, ino):
        form = struct.unpack_from("<H", self._image, at)[0] & 0xF000
        xattr = _u32(self._image, at + 104)
        if xattr:
            self._block("xattr", xattr)
        sectors = _u32(self._image, at + 28) - (self.size // 512 if xattr else 0)
        if form not in (0x4000, 0x8000, 0xA000) or not sectors:
            return
        if _u32(self._image, at + 32) & _EXTENTS and self._image[at + _LINK_OFF + 6]:
            self._add("root", at + _LINK_OFF, (at, self._inode_size), 60)
        for kind, block in self._map(at, {0x4000: "dir", 0x8000: "data", 0xA000: "link"}[form]):
            self._block(kind, block, ino)

    def _map(self, at, kind):
        """(kind, block) of all that an inode points to, its content in order."""
        if _u32(self._image, at + 32) & _EXTENTS:
            yield from self._extents(at + _LINK_OFF, kind)
            return
        for i in range(15):
            yield from self._pointer(
                kind, _u32(self._image, at + _LINK_OFF + 4 * i), max(i - 11, 0)
            )

    def _pointer(self, kind, block, depth):
        if not block:
            return
        yield "indirect" if depth else kind, block
        if depth:
            for at in range(block * self.size, (block + 1) * self.size, 4):
                yield from self._pointer(kind, _u32(self._image, at), depth - 1)

    def _extents(self, at, kind):
        n, _, depth = struct.unpack_from("<3H", self._image, at + 2)
        for entry in range(at + 12, at + 12 + 12 * n, 12):
            if depth:
                block = _u32(self._image, entry + 4)
                yield "extent", block
                yield from self._extents(block * self.size, kind)
            else:
                length, _, block = struct.unpack_from("<HHI", self._image, entry + 4)
                for i in range(length & 0x7FFF):
                    yield kind, block + i

    def _journal(self, at):
        """The log's own blocks, and the copies between them, in the order they have on a disk
        where it does not run around its end.
        """
        where = [block * self.size for kind, block in self._map(at, "") if not kind]
        self.journal = where[0]
        self._add("jsuper", where[0], 0, 1024)
        incompat = struct.unpack_from(">I", self._image, where[0] + 40)[0]
        size = 16 if incompat & 16 else 8 + (4 if incompat & 2 else 0) + (2 if incompat & 8 else 0)
        i = 1
        while i < len(where) and self._image[where[i] : where[i] + 4] == _JOURNAL_MAGIC:
            block = where[i]
            kind, sequence = struct.unpack_from(">II", self._image, block + 4)
            self._add("jblock", block, 0, self.size)
            tag, flags = 12, 8
            while kind == 1:
                i += 1
                flags = struct.unpack_from(
                    ">I" if size == 16 else ">H",
                    self._image,
                    block + tag + (4 if size == 16 else 6),
                )[0]
                self._add("jcopy", where[i], (block, tag, sequence), self.size)
                tag += size + (0 if flags & 2 else 16)
                if flags & 8:
                    break
            i += 1

    def records(self, place):
        """Offsets of the records of a directory block."""
        at = place[1]
        while at < place[1] + place[2]:
            yield at
            at += max(struct.unpack_from("<H", self._image, at + 4)[0], 8)
