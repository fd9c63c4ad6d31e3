# Made by `inv stubs` from frozen/blk/gpt.py: do not edit.
"""Partition tables: GPT with its backup (UEFI 2.10 §5.3), MBR where there is no GPT.

gpt.partitions(disk), gpt.read(disk).guid, gpt.check(disk).  Not done: writing tables.
"""

from _typeshed import Incomplete
from partition import Partition

EFI: str
LINUX: str
LINUX_ROOT: str

def guid(b: bytes | bytearray | memoryview) -> str:
    """Text of 16 bytes, the first three fields little-endian (Appendix A)."""

class Header:
    """The header in block lba, its CRC and bounds checked.  Raises OSError(117), or the disk's.

    guid: of the disk.  first, last: usable blocks.  alternate: where the other header is.
    entries, count, size, array_crc: of the array.
    """

    lba: int
    alternate: int
    first: int
    last: int
    guid: str
    entries: int
    count: int
    size: int
    array_crc: int
    def __init__(self, disk: Incomplete, lba: Incomplete) -> None: ...

class Table:
    """A Header's entries, their CRC checked.  Raises OSError(117), or the disk's."""

    disk: Incomplete
    header: Header
    guid: str
    def __init__(self, disk: Incomplete, header: Incomplete) -> None: ...
    def partitions(self) -> list[Partition]:
        """[Partition, …] in order of number.  What cannot be one is left out and logged."""

def read(disk: Incomplete) -> Table:
    """The Table of a disk: the primary one, or else the backup, and the log says why.

    Raises OSError(117) where both are broken.
    """

def partitions(disk: Incomplete) -> list[Partition]:
    """[Partition, …] by GPT where block 0 is a protective MBR (§5.2.3), else by MBR, else [].

    Each is a block device.  Raises OSError: the disk's own, or 117 where there should be a GPT
    and both copies are broken.
    """

def check(disk: Incomplete) -> list[str]:
    """[text, …]: what is wrong with a disk's GPTs, both read whole.  Writes and logs nothing."""
