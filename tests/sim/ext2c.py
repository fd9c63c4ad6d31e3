"""modules/ext2c for unit tests: the same results in plain Python."""

import struct

_TYPES = (0, 0x8000, 0x4000, 0x2000, 0x6000, 0x1000, 0xC000, 0xA000)
_BROKEN = -2


def _records(block):
    """(offset, inode, record length, name length, type) of each record; None last when one is
    broken.
    """
    off = 0
    while off < len(block):
        if off + 8 > len(block):
            yield None
            return
        ino, length, n, kind = struct.unpack_from("<IHBB", block, off)
        if len(block) == 65536 and length in (0, 65535):
            length = 65536
        if length < 8 + n or length & 3 or off + length > len(block) or (ino and n == 0):
            yield None
            return
        yield off, ino, length, n, kind
        off += length


def run(words, index, limit):
    """Length << 32 | first of the run of pointers from index on that count up by one, or are all
    0.
    """
    if limit < 1:
        raise IndexError
    limit = min(limit, len(words) // 4 - index)
    first = struct.unpack_from("<I", words, 4 * index)[0]
    n = 1
    while n < limit:
        if struct.unpack_from("<I", words, 4 * (index + n))[0] != (first + n if first else 0):
            break
        n += 1
    return n << 32 | first


def word(block, off):
    """The 32-bit number at an offset."""
    return struct.unpack_from("<I", block, off)[0]


def put_run(words, index, n, first):
    """Write n pointers from index on: first, first + 1, ...; all 0 when first is."""
    for i in range(n):
        struct.pack_into("<I", words, 4 * (index + i), first + i if first else 0)


def find(block, name):
    """Offset of a name's record in a directory block, -1 not there, -2 broken."""
    for record in _records(block):
        if record is None:
            return _BROKEN
        off, ino, _, n, _ = record
        if ino and n == len(name) and block[off + 8 : off + 8 + n] == name:
            return off
    return -1


def _text(name):
    try:
        return str(name, "utf-8")
    except UnicodeError:
        return "".join([chr(c) if c < 128 else "\ufffd" for c in name])


def names(chunks, typed, size, broken, inodes):
    """Iterator of (name, type, inode) of each record but "." and ".." in a list of buffers of
    directory blocks, `size` bytes each.  broken: called with the number of a block that is.
    inodes: None, or called with a number for (number, table from there on, bytes of an inode):
    then tuples have the size as well.
    """
    blocks = [memoryview(c)[at : at + size] for c in chunks for at in range(0, len(c), size)]
    for n, block in enumerate(blocks):
        for record in _records(block):
            if record is None:
                broken(n)
                return
            off, ino, _, length, kind = record
            name = bytes(block[off + 8 : off + 8 + length])
            if ino and name not in (b".", b".."):
                found = _text(name), _TYPES[kind] if typed and kind < 8 else 0, ino
                yield found + (_size(ino, *inodes(ino)),) if inodes else found


def _size(ino, first, table, length):
    off = (ino - first) * length
    if off >= len(table):
        return -1
    entry = stat(table, off, ino)
    return 0 if entry[0] & 0xF000 == 0x4000 else entry[6]


def stat(table, off, ino):
    """10-tuple of os.stat() from an inode in its table; size of 64 bits for files."""
    mode, uid, size, atime, ctime, mtime, _, gid, links = struct.unpack_from(
        "<HHIIIIIHH", table, off
    )
    uid_high, gid_high = struct.unpack_from("<HH", table, off + 120)
    if mode & 0xF000 == 0x8000:
        size |= struct.unpack_from("<I", table, off + 108)[0] << 32
    uid |= uid_high << 16
    gid |= gid_high << 16
    return mode, ino, 0, links, uid, gid, size, atime, mtime, ctime


def _new(cls):
    """An instance without its __init__(); classes of MicroPython have no __new__ of their own."""
    return getattr(cls, "__new__", object.__new__)(cls)


def inode(cls, ino, map, table, off, size):
    """Instance of cls, without its __init__(), for the `size` bytes at off in a table."""
    if size < 128 or not 0 <= off <= len(table) - size:
        raise IndexError
    self = _new(cls)
    self.ino = ino
    self.map = map
    self.raw = bytearray(table[off : off + size])
    self.mode, self.size, self.links, self.flags = struct.unpack_from("<H2xI18xH4xI", self.raw, 0)
    if self.mode & 0xF000 == 0x8000:
        self.size |= struct.unpack_from("<I", self.raw, 108)[0] << 32
    self.run_first = self.run_length = self.run_phys = self.opened = 0
    return self


def make(cls, names, *values):
    """Instance of cls, without its __init__(), with these attributes."""
    self = _new(cls)
    for name, value in zip(names, values):
        setattr(self, name, value)
    return self


def lookup(dicts, key):
    """The value of a key in the first of some dicts that has it, None when none does."""
    for each in dicts:
        if key in each:
            return each[key]
    return None


def below(path, folder):
    """The name, as bytes, when path is folder + "/" + name; None otherwise, and for odd names."""
    n = len(folder)
    name = path[n + 1 :]
    if not path.startswith(folder + "/") or "/" in name or name in ("", ".", ".."):
        return None
    return name.encode()


def _near(path, folder, block, young, shape):
    """(inode number, table block, offset) of below(path, folder) where all is in the cache."""
    _, _, tables, per_group, size, bits, spread = shape
    data = young.get(block * spread)
    name = below(path, folder)
    off = -1 if data is None or name is None else find(data, name)
    ino = 0 if off < 0 else word(data, off)
    table = tables.get((ino - 1) // per_group)
    if ino == 0 or table is None:
        return 0, None, 0
    at = (ino - 1) % per_group * size
    return ino, young.get((table + (at >> bits)) * spread), at & ((1 << bits) - 1)


def near_stat(path, folder, block, young, core, shape):
    """stat() when path is folder + "/" + name, the directory block has the name, the inode is no
    symbolic link and not in core, and all is in the cache; None otherwise.
    """
    ino, table, off = _near(path, folder, block, young, shape)
    if table is None or ino in core:
        return None
    found = stat(table, off, ino)
    return found if found[0] and found[3] and found[0] & 0xF000 != 0xA000 else None


def near_inode(path, folder, block, young, core, shape):
    """The same for the inode of a plain file, which is put into core; from core when there."""
    ino, table, off = _near(path, folder, block, young, shape)
    if table is None:
        return None
    found = core.get(ino)
    if found is None:
        found = inode(shape[0], ino, shape[1], table, off, shape[4])
        large = struct.unpack_from("<I", found.raw, 108)[0]
        if found.mode & 0xF000 != 0x8000 or not found.links or found.flags & 0x80000 or large:
            return None
        core[ino] = found
    return found if found.links and found.mode & 0xF000 == 0x8000 else None


def kept(core, dirty, room):
    """Those inodes of the dict core that are open or in dirty."""
    return {ino: inode for ino, inode in core.items() if inode.opened or ino in dirty}


def room(block, need):
    """Offset of the first record with `need` bytes to spare behind its own name, or free; -1
    none, -2 broken.
    """
    for record in _records(block):
        if record is None:
            return _BROKEN
        off, ino, length, n, _ = record
        if length - ((8 + n + 3) & ~3 if ino else 0) >= need:
            return off
    return -1


def before(block, off):
    """Offset of the record that ends where that at off begins, off itself for the first; -2
    broken.
    """
    last = 0
    for record in _records(block):
        if record is None:
            return _BROKEN
        if record[0] == off:
            return last
        last = record[0]
    return _BROKEN


def live(block):
    """How many records of a directory block are names; -2 broken."""
    count = 0
    for record in _records(block):
        if record is None:
            return _BROKEN
        if record[1]:
            count += 1
    return count


def free_run(bitmap, start, end, most):
    """Length << 32 | index of the first run of clear bits in [start, end), at most `most` long; 0
    when there is none.
    """
    if not 0 <= start <= end <= 8 * len(bitmap):
        raise IndexError
    at = start
    while at < end:
        if at & 7 == 0 and bitmap[at >> 3] == 0xFF:
            at += 8
            continue
        if bitmap[at >> 3] >> (at & 7) & 1 == 0:
            n = 1
            while n < most and at + n < end and bitmap[at + n >> 3] >> (at + n & 7) & 1 == 0:
                n += 1
            return n << 32 | at
        at += 1
    return 0


def set_bits(bitmap, start, n, value):
    """Set n bits to value; how many were different before."""
    changed = 0
    for at in range(start, start + n):
        bit = 1 << (at & 7)
        if bool(bitmap[at >> 3] & bit) != bool(value):
            bitmap[at >> 3] ^= bit
            changed += 1
    return changed


def byte(buf, value, start, end):
    """Index of the first byte of that value in buf[start:end], -1 none."""
    for at in range(start, end):
        if buf[at] == value:
            return at
    return -1


def part(buf, off, n):
    """n bytes from off on, as bytes."""
    if off < 0 or n < 0 or off + n > len(buf):
        raise IndexError
    return bytes(buf[off : off + n])


def window(view, buf, off, n):
    """buf[off : off + n] as a memoryview; the module's is `view` itself, made to show that."""
    if not 0 <= off <= off + n <= len(buf):
        raise IndexError
    return memoryview(buf)[off : off + n]


def copy(to, at, data, off, n):
    """n bytes of data from off on, to `to` from at on."""
    if not (0 <= at <= at + n <= len(to) and 0 <= off <= off + n <= len(data)):
        raise IndexError
    to[at : at + n] = data[off : off + n]


def fill(buf, value):
    """Set every byte of buf."""
    buf[:] = bytes([value]) * len(buf)


def _crc32c_table():
    table = []
    for crc in range(256):
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
        table.append(crc)
    return table


_CRC32C = _crc32c_table()


def crc32c(crc, buf):
    """CRC-32C of buf, from crc on; nothing inverted."""
    table = _CRC32C  # a local name: the tests of ext4 spend their time here
    for byte in bytes(buf):
        crc = crc >> 8 ^ table[(crc ^ byte) & 255]
    return crc
