# Made by `inv stubs` from frozen/fs/ext2/xattr.py: do not edit.
"""Blocks of extended attributes: kept as they are, shared between inodes, counted (ext4
attributes.rst).
"""

from _typeshed import Incomplete

def release(volume: Incomplete, inode: Incomplete) -> None:
    """An inode that is freed gives up its block."""

def share(volume: Incomplete, inode: Incomplete, other: Incomplete) -> None:
    """Let `other`, a copy of inode, have the same attributes.  They are lost when the block has
    all users it may.
    """
