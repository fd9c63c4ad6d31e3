# Made by `inv stubs` from frozen/blk/ahci_identify.py: do not edit.
"""What a disk says of itself: IDENTIFY DEVICE, IDENTIFY PACKET DEVICE (ATA8-ACS §7.16, §7.17)."""

from _typeshed import Incomplete

class Identity:
    """Decoded IDENTIFY data: 512 bytes.  Raises ValueError for what no disk says.

    model, serial, firmware: text.  blocks: of block_size bytes; physical_size: of the medium's own
    sectors, aligned: the logical block that starts one.  lba48, fua, flush (the command, or None),
    write_cache, trim_zeroes.  trim_blocks: 512-byte lists of ranges that one TRIM takes, 0 for
    none.  depth: NCQ tags, 0 for none.  rotation: 1 for solid state, else r/min, 0 unknown.
    locked, frozen: the ATA security state.  removable.
    """

    packet: bool
    serial: str
    firmware: str
    model: str
    removable: bool
    lba48: bool
    fua: bool
    write_cache: bool
    depth: int
    smart: bool
    security: bool
    locked: bool
    frozen: bool
    rotation: int
    trim_blocks: int
    trim_zeroes: bool
    flush: int | None
    block_size: int
    physical_size: int
    aligned: int
    blocks: int
    def __init__(self, data: Incomplete, packet: bool = False) -> None: ...
    def same(self, other: Incomplete) -> bool:
        """Whether the other data came from the same disk."""
    def __str__(self) -> str: ...
