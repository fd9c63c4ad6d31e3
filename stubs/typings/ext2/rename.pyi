# Made by `inv stubs` from frozen/fs/ext2/rename.py: do not edit.
"""rename(): at every moment the disk has the old name or the new one, and what a replaced name
stood for until then.
"""

from _typeshed import Incomplete

class Rename:
    """Moves names.  Directories and blocks as in dirs.find(); names are bytes."""
    def __init__(self, changes: Incomplete) -> None: ...
    def rename(
        self, source: Incomplete, old: Incomplete, target: Incomplete, new: Incomplete
    ) -> None:
        """Give what `old` in the directory source names the name `new` in target.  The caller
        checked that the moved directory is not above target.
        """

def names(data: Incomplete) -> list[Incomplete]:
    """(name, inode number) of each record of a directory block that ext2c found sound."""
