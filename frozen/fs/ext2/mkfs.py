"""Make an empty file system, as `mke2fs -t ext2` lays one out but without the reserve for growing
and hash trees.
"""

import os
import struct
import time

import ext2c
from micropython import const

from .const import ENOSPC
from .disk import Disk
from .inode import fresh
from .super import Super

_SMALL = const(512 << 20)  # devices below get more inodes for their size
_LPF_BYTES = const(16384)  # lost+found is made large, so that e2fsck need not allocate
_LPF_INO = const(11)
_CHUNK = const(1 << 17)


class _Layout:
    """Where everything goes on a device of `size` bytes."""

    def __init__(self, size, block_size, inode_size):
        self.block_size = block_size
        self.first = 1 if block_size == 1024 else 0
        self.per_group = 8 * block_size
        self.inode_size = inode_size
        blocks = min(size // block_size, 0xFFFFFFFF)
        ratio = 16384 if size >= _SMALL else 8192
        while True:
            groups = -(-(blocks - self.first) // self.per_group)
            if blocks <= self.first or groups == 0:
                raise OSError(ENOSPC)
            per_block = block_size // inode_size
            wanted = -(-blocks * block_size // ratio // groups)
            wanted = max(min(-(-wanted // per_block) * per_block, 8 * block_size), 16)
            self.inodes_per_group = (wanted + 7) & ~7
            self.table = -(-self.inodes_per_group // per_block)
            self.gdt = -(-groups * 32 // block_size)
            last = blocks - self.first - (groups - 1) * self.per_group
            if last >= self.gdt + self.table + 3 + 50:
                break
            if groups == 1:
                raise OSError(ENOSPC)
            blocks -= last  # too short for its own tables
        self.blocks, self.groups = blocks, groups


def _super(layout, label, uuid, now):
    raw = bytearray(1024)
    struct.pack_into(
        "<13I",
        raw,
        0,
        layout.groups * layout.inodes_per_group,
        layout.blocks,
        layout.blocks // 20,  # for root, as mke2fs
        0,
        0,
        layout.first,
        _log(layout),
        _log(layout),
        layout.per_group,
        layout.per_group,
        layout.inodes_per_group,
        0,
        now,
    )
    # mount counts, magic, clean, errors: continue, minor revision; last check, no interval,
    # Linux, revision 1
    struct.pack_into("<HhHHHHIIII", raw, 52, 0, -1, 0xEF53, 1, 1, 0, now, 0, 0, 1)
    struct.pack_into("<IH", raw, 84, 11, layout.inode_size)
    struct.pack_into("<3I", raw, 92, 0x8, 0x2, 0x3)  # ext_attr; filetype; sparse_super, large_file
    raw[104:120] = uuid
    raw[120 : 120 + len(label)] = label
    raw[236:252] = os.urandom(16)  # for hash trees that others make
    raw[252] = 1  # half MD4
    struct.pack_into("<I", raw, 264, now)
    if layout.inode_size > 128:
        struct.pack_into("<HH", raw, 348, 32, 32)
    return Super(raw)


def _log(layout):
    n = 0
    while 1024 << n < layout.block_size:
        n += 1
    return n


def mkfs(bdev, block_size=4096, label="", inode_size=256, uuid=None):
    """Make an empty file system on all of bdev.  block_size: 1024, 2048, 4096; inode_size: 128 or
    256.

    OSError: ENOSPC when the device is too small, EINVAL when its own blocks are larger.
    """
    label = label.encode()
    if block_size not in (1024, 2048, 4096) or inode_size not in (128, 256) or len(label) > 16:
        raise ValueError("block_size, inode_size or label")
    if uuid is not None and len(uuid) != 16:
        raise ValueError("uuid: 16 bytes")
    disk = Disk(bdev)
    disk.set_block_size(block_size)
    layout = _Layout(disk.size, block_size, inode_size)
    now = int(time.time())
    sb = _super(layout, label, uuid or os.urandom(16), now)
    disk.write_bytes(1024, bytes(1024))  # nothing is here until all is
    disk.flush()
    descs = _groups(disk, layout, sb)
    _directories(disk, layout, sb, descs, now)
    _write_supers(disk, sb, descs)


def _groups(disk, layout, sb):
    """Write the bitmaps and empty tables; the descriptors, a bytearray."""
    size = layout.block_size
    descs = bytearray(layout.gdt * size)
    zeros = bytearray(_CHUNK)
    for group in range(layout.groups):
        first = sb.group_first(group)
        n = min(layout.per_group, layout.blocks - first)
        used = 1 + layout.gdt if sb.has_super(group) else 0
        bitmap_at = first + used
        used += 2 + layout.table
        bitmap = bytearray(size)
        ext2c.set_bits(bitmap, 0, used, 1)
        ext2c.set_bits(bitmap, n, 8 * size - n, 1)
        disk.write(bitmap_at, bitmap)
        bitmap = bytearray(size)
        ext2c.set_bits(bitmap, layout.inodes_per_group, 8 * size - layout.inodes_per_group, 1)
        disk.write(bitmap_at + 1, bitmap)
        for at in range(0, layout.table, _CHUNK // size):
            part = min(_CHUNK // size, layout.table - at)
            disk.write(bitmap_at + 2 + at, memoryview(zeros)[: part * size])
        struct.pack_into(
            "<IIIHHH",
            descs,
            32 * group,
            bitmap_at,
            bitmap_at + 1,
            bitmap_at + 2,
            n - used,
            layout.inodes_per_group,
            0,
        )
        sb.free_blocks += n - used
        sb.free_inodes += layout.inodes_per_group
    return descs


def _directories(disk, layout, sb, descs, now):
    """The root and lost+found, in group 0."""
    size = layout.block_size
    block_bitmap, inode_bitmap, table, free, inodes, _ = struct.unpack_from("<IIIHHH", descs, 0)
    at = table + layout.table
    lpf = min(max(_LPF_BYTES // size, 1), 12)
    bits = bytearray(size)
    disk.read(block_bitmap, bits)
    ext2c.set_bits(bits, at - layout.first, 1 + lpf, 1)
    disk.write(block_bitmap, bits)
    disk.read(inode_bitmap, bits)
    ext2c.set_bits(bits, 0, _LPF_INO, 1)
    disk.write(inode_bitmap, bits)
    struct.pack_into("<HHH", descs, 12, free - 1 - lpf, inodes - _LPF_INO, 2)
    sb.free_blocks -= 1 + lpf
    sb.free_inodes -= _LPF_INO

    root = bytearray(size)
    _records(root, ((2, b"."), (2, b".."), (_LPF_INO, b"lost+found")))
    disk.write(at, root)
    empty = bytearray(size)
    struct.pack_into("<IH", empty, 0, 0, size)
    for i in range(lpf):
        block = empty
        if i == 0:
            block = bytearray(size)
            _records(block, ((_LPF_INO, b"."), (2, b"..")))
        disk.write(at + 1 + i, block)
    _inode(disk, layout, table, 2, 0o40755, 3, (at,), now)
    _inode(disk, layout, table, _LPF_INO, 0o40700, 2, tuple(range(at + 1, at + 1 + lpf)), now)


def _records(block, names):
    off = 0
    for i, (ino, name) in enumerate(names):
        length = (8 + len(name) + 3) & ~3 if i < len(names) - 1 else len(block) - off
        struct.pack_into("<IHBB", block, off, ino, length, len(name), 2)
        block[off + 8 : off + 8 + len(name)] = name
        off += length


def _inode(disk, layout, table, ino, mode, links, blocks, now):
    inode = fresh(ino, mode, layout.inode_size, now, 0)
    inode.links = links
    inode.size = len(blocks) * layout.block_size
    inode.sectors = inode.size >> 9
    struct.pack_into("<%dI" % len(blocks), inode.raw, 40, *blocks)
    block, off = divmod((ino - 1) * layout.inode_size, layout.block_size)
    data = bytearray(layout.block_size)
    disk.read(table + block, data)
    data[off : off + layout.inode_size] = inode.pack()
    disk.write(table + block, data)


def _write_supers(disk, sb, descs):
    """The backups with their descriptors, then the primary: only now there is a file system."""
    for group in range(sb.groups - 1, -1, -1):
        if sb.has_super(group):
            first = sb.group_first(group)
            disk.write(first + 1, descs)
            raw = sb.pack(struct.unpack_from("<I", sb.raw, 264)[0])
            struct.pack_into("<H", raw, 90, group)
            if group == 0:
                disk.flush()
            disk.write_bytes(first * sb.block_size if group else 1024, raw)
    disk.flush()
