# Made by `inv stubs` from frozen/fs/ext2/inode.py: do not edit.
"""Inodes: the on-disk form of 128 bytes or more, and the table that finds, keeps and stores
them.
"""

from _typeshed import Incomplete

INDEX_FL: int
EXTENTS_FL: int

class Inode:
    """One inode in core, made by ext2c.inode(): ino, map, and of its table entry mode, size, links
    and flags.  raw holds what has no attribute of its own.

    What most inodes never need are attributes of the class: making an inode is part of every
    open().
    """

    dirty: bool
    new: bool
    grown: bool
    moved: bool
    shed: bool
    left: bool
    doomed: bool
    level: int
    hint: int
    hint_room: int
    found_at: int
    listed: Incomplete | None
    atime: Incomplete
    ctime: Incomplete
    mtime: Incomplete
    dtime: Incomplete
    sectors: Incomplete
    xattr_block: Incomplete
    size: int
    @property
    def format(self) -> Incomplete:
        """The type bits of the mode."""
    @property
    def is_dir(self) -> bool: ...
    def stat(self) -> Incomplete:
        """10-tuple as os.stat()."""
    def fast_link(self, sectors_of_xattr: Incomplete) -> bytes | None:
        """Target of a symbolic link that is kept in the inode, bytes; None when it is in a
        block.
        """
    def set_fast_link(self, target: Incomplete) -> None: ...
    def pack(self) -> Incomplete:
        """Put the attributes into raw, and return it."""

def fresh(
    ino: Incomplete, mode: Incomplete, size: Incomplete, now: Incomplete, generation: Incomplete
) -> Incomplete:
    """An inode that is not on the disk yet and has no name: `size` bytes of table entry."""

class Table:
    """The inodes of a volume by number.  The same number gives the same object while anybody
    holds it open.
    """

    core: Incomplete
    shape: tuple[
        Incomplete, Incomplete, Incomplete, Incomplete, Incomplete, Incomplete, Incomplete
    ]
    crowded: bool
    dirty: Incomplete
    def __init__(self, volume: Incomplete) -> None: ...
    def place(self, ino: Incomplete) -> tuple[Incomplete, Incomplete]:
        """(block, offset) of an inode in the table on the disk."""
    def get(self, ino: Incomplete) -> Incomplete:
        """The inode in core; read when it is not here.  OSError(EUCLEAN) for a number or content
        that cannot be.
        """
    def stat(self, ino: Incomplete, block: Incomplete) -> Incomplete:
        """10-tuple of os.stat() for a name found in a directory block, without taking the inode
        in.
        """
    def live(self, ino: Incomplete, block: Incomplete) -> Incomplete:
        """get() for a name found in a directory block: OSError(EUCLEAN) when the inode is not in
        use.
        """
    def trim(self) -> None:
        """Between operations, when nobody holds an inode but open files: forget those that wait
        for nothing.  Worth a call when `crowded`.
        """
    def orphans(self) -> list[Incomplete]:
        """Inodes without a name that files have open."""
    def add(self, inode: Incomplete) -> None:
        """Take in an inode that was just made."""
    def mark(self, inode: Incomplete) -> None:
        """The inode was changed."""
    def settle(self) -> None:
        """All is on the disk but inodes that are new and have no name: the disk never sees them
        so.
        """
    def forget(self, inode: Incomplete) -> None:
        """The inode is free: nobody finds it any more."""
    def store(self, inodes: Incomplete) -> None:
        """Write inodes into their table blocks, each block once."""
