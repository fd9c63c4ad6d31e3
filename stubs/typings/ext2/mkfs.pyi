# Made by `inv stubs` from frozen/fs/ext2/mkfs.py: do not edit.
"""Make an empty file system, as `mke2fs -t ext2` lays one out but without the reserve for growing
and hash trees.
"""

from _typeshed import Incomplete

def mkfs(
    bdev: Incomplete,
    block_size: int = 4096,
    label: str = "",
    inode_size: int = 256,
    uuid: Incomplete | None = None,
) -> None:
    """Make an empty file system on all of bdev.  block_size: 1024, 2048, 4096; inode_size: 128 or
    256.

    OSError: ENOSPC when the device is too small, EINVAL when its own blocks are larger.
    """
