# Made by `inv stubs` from frozen/blk/ahci_atapi.py: do not edit.
"""A CD or DVD drive as a block device of 2048 bytes, read only (SFF-8020i / MMC-6, SPC-4)."""

from _typeshed import Incomplete
from ahci_drive import Drive
from ahci_identify import Identity

KEYS: tuple[str, str, str, str, str, str, str, str]

def sense_text(sense: Incomplete) -> str:
    """Sense (key, code, qualifier) in words and numbers."""

class CdRom(Drive):
    """The block protocol, never raising: 0 or -errno; -ENOMEDIUM (123) without a disc.

    info: Identity; vendor, product, revision: of INQUIRY.  changes: media changes seen.
    block_size is 2048.
    """

    block_size: int
    read_only: bool
    changes: int
    sense: tuple[Incomplete, Incomplete, Incomplete] | tuple[int, int, int]
    info: Identity
    vendor: Incomplete
    product: Incomplete
    revision: Incomplete
    def __init__(
        self,
        name: Incomplete,
        port: Incomplete,
        link: Incomplete,
        log: Incomplete,
        vacate: Incomplete,
        reset: Incomplete,
    ) -> None: ...
    def ready(self) -> Incomplete:
        """Whether there is a disc that can be read: 0, -ENOMEDIUM (123), or another -errno."""
    def capacity(self) -> Incomplete:
        """Blocks of 2048 bytes on the disc, or -errno."""
    @property
    def blocks(self) -> Incomplete:
        """capacity(), or 0 without a disc."""
    def readblocks(self, n: Incomplete, buf: Incomplete, off: int = 0) -> Incomplete:
        """Read len(buf) bytes from block n on, off bytes into it."""
    def writeblocks(self, n: Incomplete, buf: Incomplete, off: int = 0) -> int:
        """A CD is not written to: -EROFS."""
    def flush(self) -> int:
        """Nothing to do."""
    def ioctl(self, op: Incomplete, arg: int = 0) -> Incomplete:
        """1 to 6 as of every block device; 4 and 1 give -errno without a disc."""
