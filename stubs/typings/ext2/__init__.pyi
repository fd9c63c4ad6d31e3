# Made by `inv stubs` from frozen/fs/ext2/__init__.py: do not edit.
"""Second extended file system, read and write, as a MicroPython VFS: docs/reference/ext2.md."""

from ext2.vfs import VfsExt2 as VfsExt2
