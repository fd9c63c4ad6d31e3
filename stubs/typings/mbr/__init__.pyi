# Made by `inv stubs` from frozen/blk/mbr.py: do not edit.
"""Partition tables of the PC: a master boot record, extended partitions (UEFI 2.10 §5.2).

Block numbers count the disk's own blocks, as the tools of Linux make them on 4096-byte sectors.
"""

from _typeshed import Incomplete
from partition import Partition

EFI: str
LINUX: str

def entries(block: Incomplete) -> list[Incomplete] | None:
    """[(type, first, count), …] of the four entries of a boot record, or None for no record.

    A boot sector of FAT has the signature, too, but text where the entries would be: each must
    begin with 0 or 0x80.
    """

def protective(block: Incomplete) -> bool:
    """Whether block 0 says that the disk has a GPT: an entry of type 0xEE (§5.2.3)."""

def partitions(disk: Incomplete, block: Incomplete | None = None) -> list[Partition]:
    """Partitions of a disk, primary ones 1 to 4, logical ones from 5; [] where there is no record.

    block: block 0, if read already.  Raises OSError where the disk cannot be read; what is wrong
    with a single entry or an extended partition is logged, and that one left out.
    """
