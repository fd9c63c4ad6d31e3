# Made by `inv stubs` from frozen/fs/ext2/const.py: do not edit.
"""Numbers that more than one file of the package uses.  One file's own stay there, as const()."""

EUCLEAN: int
ENOTEMPTY: int
ENOTDIR: int
ENAMETOOLONG: int
ELOOP: int
ENOSPC: int
EROFS: int
EFBIG: int
EMLINK: int
S_IFMT: int
S_IFLNK: int
S_IFREG: int
S_IFDIR: int
ROOT_INO: int
NAME_MAX: int
TYPE_OF_MODE: bytes
