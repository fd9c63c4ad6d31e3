# Made by `inv stubs` from frozen/fs/ext2/commit.py: do not edit.
"""The order in which changes reach the disk, so that a cut between any two writes leaves what
`e2fsck -p` repairs.

docs/reference/ext2.md has the reasons.  Changes gather in core until a commit; inode tables on
the disk and in the cache stay as they were until their step here.
"""

from _typeshed import Incomplete

class Pending:
    """What has changed since the last commit, beyond what the cache and the inode table hold."""

    fresh: set[Incomplete]
    targets: set[Incomplete]
    dead: list[Incomplete]
    super: bool
    def __init__(self) -> None: ...
    def die(self, inode: Incomplete) -> None:
        """An inode on the disk has no name left."""
    def clear(self) -> None: ...

def commit(volume: Incomplete) -> None:
    """Bring all changes to the medium.  OSError as the device says; then by policy nothing more
    is written.
    """
