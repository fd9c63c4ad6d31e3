"""Damage to an ext2 image: fields of known structures, random bytes, blocks in wrong places."""

import random
import struct

# (offset, size) of what decides how a structure is read.
_SUPER = [(at, 4) for at in (0, 4, 12, 16, 20, 24, 28, 32, 36, 40, 76, 84, 92, 96, 100, 232, 260)]
_SUPER += [(at, 2) for at in (54, 56, 58, 60, 88, 90, 254)]
_SUPER += [(at, 4) for at in (224, 336, 340, 588, 624)] + [(373, 1)]  # what ext4 adds
_GROUP = [(at, 4) for at in (0, 4, 8)] * 2 + [(at, 2) for at in (12, 14, 16)]
_GROUP += [(at, 4) for at in (32, 36, 40)]
_INODE = [(at, 2) for at in (0, 26, 2, 128, 130)] * 2
_INODE += [(at, 4) for at in (4, 28, 32, 104, 108, 20)] * 2
_INODE += [(40 + 4 * i, 4) for i in range(15)]
_INODE += [(at, 2) for at in (42, 44, 46, 56, 58)]  # a root of extents
_EXTENT = [(at, 2) for at in (0, 2, 2, 4, 6, 6)]
_EXTENT += [(12 + 12 * i + at, n) for i in range(4) for at, n in ((0, 4), (4, 2), (6, 2), (8, 4))]
_JSUPER = [(at, 4) for at in (0, 4, 12, 16, 20, 24, 28, 40, 80)]
_JBLOCK = [(at, 4) for at in (0, 4, 4, 8, 12, 12, 16, 20, 24, 28, 32, 44, 48)] + [(18, 2)]
_XATTR = [(at, 4) for at in (0, 4, 8, 12)] + [(32, 2), (34, 2), (36, 4), (40, 4)]
_FIELDS = {"super": _SUPER, "groups": _GROUP, "inode": _INODE, "xattr": _XATTR}
_FIELDS.update({"extent": _EXTENT, "root": _EXTENT, "jsuper": _JSUPER, "jblock": _JBLOCK})
_RECORD = [(0, 4), (4, 2), (4, 2), (6, 1), (7, 1), (8, 1)]
_MODES = (0, 0x41ED, 0x81A4, 0xA1FF, 0x21A4, 0x61A4, 0x11A4, 0xC1A4, 0xF000, 0x3000)
_WEIGHTS = {"inode": 6, "dir": 6, "super": 24, "groups": 12, "indirect": 8, "xattr": 12}
_WEIGHTS.update({"extent": 10, "root": 10, "jsuper": 16, "jblock": 12})


class Damage:
    """One image's damages; `layout` is that of the sound image."""

    def __init__(self, layout):
        self._layout = layout
        self._blocks = sorted(layout.blocks)
        kinds = {}
        for place in layout.places:
            kinds.setdefault(place[0], []).append(place)
        self._kinds = kinds
        self._chances = []
        for kind in sorted(kinds):
            self._chances += [kind] * _WEIGHTS.get(kind, 3)

    def _value(self, image, at, size, order):
        """A hostile value for the field at `at`, as bytes."""
        layout = self._layout
        how = random.randrange(8)
        old = int.from_bytes(image[at : at + size], order)
        if how == 0:
            value = old ^ 1 << random.randrange(8 * size)
        elif how == 1:
            value = random.choice(
                (0, 1, 2, 11, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFF, 0x8000)
            )
        elif how == 2:
            value = random.choice(self._blocks)
        elif how == 3:
            value = random.choice((layout.count, layout.inodes)) + random.randrange(-1, 2)
        elif how == 4:
            value = old + random.choice((-1, 1, 4, -4, 512, layout.size, -layout.size))
        elif how == 5:
            value = random.randrange(layout.count)
        elif how == 6:
            value = random.choice(_MODES)
        else:
            value = random.getrandbits(31)
        return (value & ((1 << 8 * size) - 1)).to_bytes(size, order)

    def _field(self, image, kind, place):
        _, at, length = place
        if kind == "dir":
            at = random.choice(list(self._layout.records(place)))
            off, size = random.choice(_RECORD)
        elif kind == "indirect":
            # Where the pointers are; in between are holes.
            used = [o for o in range(0, length, 4) if image[at + o : at + o + 4] != b"\0\0\0\0"]
            off = (
                random.choice(used)
                if used and random.randrange(4)
                else random.randrange(0, length, 4)
            )
            size = 4
        elif kind in _FIELDS:
            off, size = random.choice(_FIELDS[kind])
        else:
            off, size = random.randrange(length), 1
        if off + size <= length:
            at += off
            order = "big" if kind[0] == "j" else "little"
            image[at : at + size] = self._value(image, at, size, order)

    def __call__(self, image):
        """One to six changes of image, a bytearray; the places that were hit."""
        hit = []
        for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
            kind = random.choice(self._chances)
            place = random.choice(self._kinds[kind])
            hit.append(place)
            how = random.randrange(16)
            _, at, length = place
            if how < 11:
                self._field(image, kind, place)
            elif how == 11:
                image[at + random.randrange(length)] = random.randrange(256)
            elif how == 12:  # bytes over bytes
                for _ in range(random.randrange(1, 40)):
                    image[at + random.randrange(length)] = random.randrange(256)
            elif how == 13:  # something of the same kind in its place
                other = random.choice(self._kinds[kind])[1]
                image[at : at + length] = image[other : other + length]
            elif how == 14 and kind in ("indirect", "dir", "xattr", "bitmap"):
                word = random.choice((0, 0xFFFFFFFF, at // self._layout.size))
                image[at : at + length] = struct.pack("<I", word) * (length // 4)
            else:  # something of any kind
                other = random.choice(self._layout.places)[1]
                part = min(length, len(image) - other)
                image[at : at + part] = image[other : other + part]
        return hit
