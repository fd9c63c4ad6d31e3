# Made by `inv stubs` from frozen/fs/ext2/disk.py: do not edit.
"""The block device as the file system sees it: its blocks, errors as OSError, barriers only where
needed.
"""

from _typeshed import Incomplete

class Disk:
    """A MicroPython block device.  block_size is set once the superblock is known."""

    bdev: Incomplete
    sector: Incomplete
    sectors: Incomplete
    name: Incomplete
    read_only: bool
    def __init__(self, bdev: Incomplete) -> None: ...
    def set_block_size(self, size: Incomplete) -> None:
        """From now on blocks are of `size` bytes.  OSError(EINVAL) when smaller than the device's
        own.
        """
    @property
    def size(self) -> Incomplete:
        """Bytes."""
    def read(self, block: Incomplete, buf: Incomplete) -> None:
        """Fill buf, whole blocks, from `block` on: one request.  OSError as the device says."""
    def write(self, block: Incomplete, buf: Incomplete) -> None:
        """Write buf, whole blocks, from `block` on: one request.  OSError as the device says."""
    def write_all(self, block: Incomplete, bufs: Incomplete) -> None:
        """Write a list of buffers, whole blocks, one after the other, from `block` on."""
    def flush(self) -> None:
        """Barrier: all that was written is on the medium when this returns."""
    def read_bytes(self, at: Incomplete, buf: Incomplete) -> None:
        """Fill buf from any byte of the device: for the superblock, before the block size is
        known.
        """
    def write_bytes(self, at: Incomplete, data: Incomplete) -> None:
        """Write data at any byte of the device; sectors it covers in part are read first."""
