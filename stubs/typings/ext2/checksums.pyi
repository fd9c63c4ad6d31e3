# Made by `inv stubs` from frozen/fs/ext2/checksums.py: do not edit.
"""Checksums of ext4's metadata, verified when it is read: crc16 of the group descriptors (feature
gdt_csum), crc32c of all (metadata_csum); Linux Documentation/filesystems/ext4/checksums.rst.

Bitmaps and attribute blocks are only read to write, which no such volume is.
"""

from _typeshed import Incomplete

def crc16(crc: Incomplete, data: Incomplete) -> Incomplete:
    """CRC-16 of polynomial 0x8005, bits reflected, nothing inverted."""

class Crc16Groups:
    """gdt_csum without metadata_csum: only group descriptors have a checksum."""

    full: bool
    def __init__(self, volume: Incomplete) -> None: ...
    def descriptor(self, group: Incomplete, raw: Incomplete) -> bool:
        """Whether a group descriptor has the checksum it says."""

class Crc32c:
    """metadata_csum.  Blocks that were good are not looked at again while they stay in memory."""

    full: bool
    def __init__(self, volume: Incomplete) -> None: ...
    def descriptor(self, group: Incomplete, raw: Incomplete) -> bool:
        """Whether a group descriptor has the checksum it says."""
    def inode(self, ino: Incomplete, raw: Incomplete) -> None:
        """OSError(EUCLEAN) when an inode, as its table has it, has another checksum."""
    def extents(self, inode: Incomplete, block: Incomplete, data: Incomplete) -> None:
        """OSError(EUCLEAN) when a block of extents, its header checked, has another checksum."""
    def directory(self, inode: Incomplete, block: Incomplete, data: Incomplete) -> Incomplete:
        """Its data.  OSError(EUCLEAN) when a directory block, leaf or part of the hash tree, has
        another checksum.
        """

def of(volume: Incomplete) -> Crc16Groups | Crc32c | None:
    """What verifies a volume's metadata: Crc32c, Crc16Groups, None.  OSError: EUCLEAN for the
    superblock's own, EOPNOTSUPP for an unknown kind.
    """
