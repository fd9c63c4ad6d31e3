"""Makes the checksums of a damaged structure right again, so that the damage gets past them.

Only of the structure itself: a number that goes into the checksums of others leaves those wrong.
"""

import struct

import ext2c
from ext2.checksums import crc16

_TAIL = b"\0\0\0\0\x0c\0\0\xde"
_ALL = 0xFFFFFFFF


class Seals:
    """Checksums of an image; layout and what seeds them are those of the sound one."""

    def __init__(self, layout, image):
        self._layout = layout
        incompat, ro_compat = struct.unpack_from("<II", image, 1024 + 96)
        uuid = image[1024 + 104 : 1024 + 120]
        self._crc32c = bool(ro_compat & 0x400)
        self._crc16 = crc16(0xFFFF, uuid) if ro_compat & 0x10 else None
        self._seed = ext2c.crc32c(_ALL, uuid)
        if incompat & 0x2000:
            self._seed = struct.unpack_from("<I", image, 1024 + 0x270)[0]
        self._generations = {
            layout.owner[at]: image[at + 100 : at + 104]
            for kind, at, _ in layout.places
            if kind == "inode"
        }
        self._journal = 0
        if [1 for kind, _, _ in layout.places if kind == "jsuper"]:
            at = layout.journal
            self._journal = struct.unpack_from(">I", image, at + 40)[0] & 24
            self._journal_seed = ext2c.crc32c(_ALL, image[at + 48 : at + 64])

    def __call__(self, image, place):
        """Seal one place of image, a bytearray."""
        kind, at, length = place
        if kind[0] == "j":
            if self._journal:
                getattr(self, kind)(image, at, length)
        elif kind == "groups":
            self.groups(image, at, length)
        elif self._crc32c and kind in ("super", "inode", "dir", "extent", "root"):
            getattr(self, kind)(image, at, length)

    def super(self, image, at, length):
        struct.pack_into("<I", image, at + 1020, ext2c.crc32c(_ALL, image[at : at + 1020]))

    def groups(self, image, at, length):
        image[at + 30 : at + 32] = b"\0\0"
        group = struct.pack("<I", self._layout.owner[at])
        raw = image[at : at + length]
        if self._crc32c:
            crc = ext2c.crc32c(ext2c.crc32c(self._seed, group), raw) & 0xFFFF
        elif self._crc16 is not None:
            crc = crc16(crc16(crc16(self._crc16, group), raw[:30]), raw[32:])
        else:
            crc = 0
        struct.pack_into("<H", image, at + 30, crc)

    def _of(self, at, generation=None):
        ino = self._layout.owner[at]
        crc = ext2c.crc32c(self._seed, struct.pack("<I", ino))
        return ext2c.crc32c(crc, generation or self._generations[ino])

    def inode(self, image, at, length):
        extra = length > 128 and struct.unpack_from("<H", image, at + 128)[0] >= 4
        image[at + 124 : at + 126] = b"\0\0"
        if extra:
            image[at + 130 : at + 132] = b"\0\0"
        crc = ext2c.crc32c(self._of(at, image[at + 100 : at + 104]), image[at : at + length])
        struct.pack_into("<H", image, at + 124, crc & 0xFFFF)
        if extra:
            struct.pack_into("<H", image, at + 130, crc >> 16)

    def root(self, image, at, length):
        self.inode(image, *self._layout.owner[at])

    def dir(self, image, at, length):
        first, second = struct.unpack_from("<H10xH", image, at + 4)
        root = first == 12 and second == length - 12
        if not root and first != length:
            image[at + length - 12 : at + length - 4] = _TAIL
            crc = ext2c.crc32c(self._of(at), image[at : at + length - 12])
            struct.pack_into("<I", image, at + length - 4, crc)
            return
        entries = 32 if root else 8
        limit, count = struct.unpack_from("<HH", image, at + entries)
        tail = entries + 8 * limit
        if count <= limit and tail + 8 <= length:
            crc = ext2c.crc32c(self._of(at), image[at : at + entries + 8 * count])
            crc = ext2c.crc32c(crc, image[at + tail : at + tail + 4] + b"\0\0\0\0")
            struct.pack_into("<I", image, at + tail + 4, crc)

    def extent(self, image, at, length):
        end = 12 + 12 * struct.unpack_from("<H", image, at + 4)[0]
        if end + 4 <= length:
            struct.pack_into(
                "<I", image, at + end, ext2c.crc32c(self._of(at), image[at : at + end])
            )

    # The journal's, of versions 2 and 3

    def _sealed(self, image, at, length, off, seed):
        image[at + off : at + off + 4] = b"\0\0\0\0"
        struct.pack_into(">I", image, at + off, ext2c.crc32c(seed, image[at : at + length]))

    def jsuper(self, image, at, length):
        self._sealed(image, at, length, 252, _ALL)

    def jblock(self, image, at, length):
        commit = image[at + 7] == 2
        self._sealed(image, at, length, 16 if commit else length - 4, self._journal_seed)

    def jcopy(self, image, at, length):
        block, tag, sequence = self._layout.owner[at]
        crc = ext2c.crc32c(self._journal_seed, struct.pack(">I", sequence))
        crc = ext2c.crc32c(crc, image[at : at + length])
        if self._journal == 16:
            struct.pack_into(">I", image, block + tag + 12, crc)
        else:
            struct.pack_into(">H", image, block + tag + 4, crc & 0xFFFF)
        self.jblock(image, block, length)
