# Made by `inv stubs` from frozen/fs/ext2/volume.py: do not edit.
"""One mounted volume: what all of its parts share, and what happens when a structure is found
broken.
"""

from _typeshed import Incomplete
from ext2.alloc import Allocator
from ext2.blockmap import IndirectMap
from ext2.cache import Cache
from ext2.commit import Pending
from ext2.extents import ExtentMap
from ext2.groups import Groups

POLICIES: tuple[str, str, str]

class Volume:
    """An ext2 file system on a block device.

    sb: block of a backup superblock, in KiB.  cache: bytes.  errors: one of POLICIES, or None for
    what the superblock says; panic is taken as remount-ro: a file system does not stop the
    machine.
    """

    disk: Incomplete
    name: Incomplete
    read_only: Incomplete
    errors: Incomplete
    failed: bool
    commit_on_close: bool
    alloc: Allocator
    pending: Pending
    checks: Incomplete
    cache: Cache
    groups: Groups
    indirect: IndirectMap
    extents: ExtentMap | None
    inodes: Incomplete
    sb: Incomplete
    def __init__(
        self,
        bdev: Incomplete,
        sb: Incomplete,
        read_only: Incomplete,
        cache: Incomplete,
        errors: Incomplete,
    ) -> None: ...
    def choose_map(self, inode: Incomplete) -> None:
        """Set how an inode maps its blocks, when it is not by indirect blocks alone."""
    def log(self, text: Incomplete) -> None: ...
    def corrupt(self, what: Incomplete, where: Incomplete) -> None:
        """Log what is broken and where, follow the errors policy, raise OSError(EUCLEAN)."""
    def fail(self) -> None:
        """An error was seen: the superblock is to say so, and by policy nothing more is
        written.
        """
    def check_block(
        self, block: Incomplete, n: Incomplete, what: Incomplete, where: Incomplete
    ) -> None:
        """OSError(EUCLEAN) unless blocks [block, block + n) are inside of the volume."""
    def writable(self) -> None:
        """OSError(EROFS) when nothing may be written."""
    def now(self) -> int:
        """Seconds since 1970."""
    def read_data(self, block: Incomplete, buf: Incomplete) -> None:
        """Fill buf, whole blocks, with file data from the disk: one request, past the cache."""
    def start(self) -> None:
        """A mount for writing begins: note it on the disk."""
    def stop(self) -> None:
        """A mount for writing ends."""
    def write_super(self) -> None:
        """Write the primary superblock."""
    def commit(self) -> None:
        """Bring all changes to the medium."""
    def sync(self) -> None:
        """commit() for who has to know: OSError(EIO) when an earlier error ended all writing."""
    def begin(self, blocks: int = 8) -> None:
        """Before an operation that may take so many blocks.  OSError(EROFS).

        Commits first when too much waits, or when only what a commit frees would be room enough.
        """
    def write_data(self, block: Incomplete, buf: Incomplete, is_new: Incomplete) -> None:
        """Write whole blocks of file data now: one request, past the cache.

        is_new: just allocated, and so not in the cache.
        """
    def new_block(self, goal: Incomplete) -> tuple[Incomplete, Incomplete]:
        """A block for metadata, of zeros, that nothing points to yet: (block, bytearray)."""
    def begin_block(self, block: Incomplete) -> Incomplete:
        """Zeros for a metadata block that was just taken: a bytearray that waits."""
    def mark(self, block: Incomplete, data: Incomplete) -> None:
        """A directory or indirect block was changed."""
    def is_source(self, block: Incomplete) -> Incomplete:
        """Whether a directory block waits for what moved out of it."""
