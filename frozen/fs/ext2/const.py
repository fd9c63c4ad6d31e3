"""Numbers that more than one file of the package uses.  One file's own stay there, as const()."""

EUCLEAN = 117  # "structure needs cleaning": what Linux gives for corrupt metadata
ENOTEMPTY = 39
ENOTDIR = 20
ENAMETOOLONG = 36
ELOOP = 40
ENOSPC = 28  # not in every port's module errno
EROFS = 30
EFBIG = 27
EMLINK = 31

S_IFMT = 0xF000
S_IFLNK = 0xA000
S_IFREG = 0x8000
S_IFDIR = 0x4000

ROOT_INO = 2
NAME_MAX = 255

# Types of a directory entry (feature filetype), by the top four bits of i_mode.
TYPE_OF_MODE = b"\x00\x05\x03\x00\x02\x00\x04\x00\x01\x00\x07\x00\x06\x00\x00\x00"
