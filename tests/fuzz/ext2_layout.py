"""Where an ext2 image has its structures, for damage that knows what it hits.

A second reader of the format, without the checks of the first: for sound images only.
"""

import struct

_LINK_OFF = 40  # i_block


def _u32(image, at):
    return struct.unpack_from("<I", image, at)[0]


class Layout:
    """places: (kind, offset, length) of each structure; kinds: super, groups, bitmap, inode, dir,
    indirect, link, xattr, data.  blocks: their numbers, for pointers to what is in use already.
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
        self.places = [("super", 1024, 272)]
        self.blocks = {first, first + 1}
        for group in range(groups):
            at = (first + 1) * self.size + 32 * group
            self.places.append(("groups", at, 32))
            bitmaps = u("<II", image, at)
            for block in bitmaps:
                self._add("bitmap", block)
            table = _u32(image, at + 8)
            for i in range(per_group):
                off = table * self.size + i * inode_size
                if u("<H", image, off)[0]:
                    self.places.append(("inode", off, inode_size))
                    self.blocks.add(off // self.size)
                    self._inode(off)

    def _add(self, kind, block):
        self.places.append((kind, block * self.size, self.size))
        self.blocks.add(block)

    def _inode(self, at):
        form = struct.unpack_from("<H", self._image, at)[0] & 0xF000
        xattr = _u32(self._image, at + 104)
        if xattr:
            self._add("xattr", xattr)
        sectors = _u32(self._image, at + 28) - (self.size // 512 if xattr else 0)
        if form not in (0x4000, 0x8000, 0xA000) or not sectors:
            return
        kind = {0x4000: "dir", 0x8000: "data", 0xA000: "link"}[form]
        for i in range(15):
            block = _u32(self._image, at + _LINK_OFF + 4 * i)
            self._map(kind, block, max(i - 11, 0))

    def _map(self, kind, block, depth):
        if not block:
            return
        self._add("indirect" if depth else kind, block)
        if depth:
            for at in range(block * self.size, (block + 1) * self.size, 4):
                self._map(kind, _u32(self._image, at), depth - 1)

    def records(self, place):
        """Offsets of the records of a directory block."""
        at = place[1]
        while at < place[1] + place[2]:
            yield at
            at += max(struct.unpack_from("<H", self._image, at + 4)[0], 8)
