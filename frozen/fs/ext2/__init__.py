"""Second extended file system, read and write, as a MicroPython VFS: docs/reference/ext2.md."""

from .vfs import VfsExt2  # noqa: F401
