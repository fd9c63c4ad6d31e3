"""Blocks of extended attributes: kept as they are, shared between inodes, counted (ext4
attributes.rst).
"""

import struct

from micropython import const

_MAGIC = const(0xEA020000)
_MOST = const(1024)  # references that Linux allows


def _block(volume, inode):
    """(bytearray, references) of an inode's block.  OSError(EUCLEAN)."""
    block = inode.xattr_block
    volume.check_block(block, 1, "attribute block of inode", inode.ino)
    data = volume.cache.get(block)
    magic, references = struct.unpack_from("<II", data, 0)
    if magic != _MAGIC or references == 0:
        volume.corrupt("attribute block", block)
    return data, references


def release(volume, inode):
    """An inode that is freed gives up its block."""
    block = inode.xattr_block
    if block:
        data, references = _block(volume, inode)
        if references == 1:
            volume.alloc.free(block, 1)
        else:
            struct.pack_into("<I", data, 4, references - 1)
            volume.mark(block, data)
        inode.xattr_block = 0
        inode.sectors -= volume.sb.block_size >> 9


def share(volume, inode, other):
    """Let `other`, a copy of inode, have the same attributes.  They are lost when the block has
    all users it may.
    """
    if inode.xattr_block:
        data, references = _block(volume, inode)
        if references < _MOST:
            struct.pack_into("<I", data, 4, references + 1)
            volume.mark(inode.xattr_block, data)
            other.xattr_block = inode.xattr_block
            other.sectors += volume.sb.block_size >> 9
