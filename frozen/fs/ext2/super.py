"""The superblock: geometry, feature words, state (Linux Documentation/filesystems/ext2.rst,
ext4/super.rst).
"""

import errno
import struct

from micropython import const

from .const import EUCLEAN

_SIZE = const(1024)
_OFFSET = const(1024)  # of the primary, whatever the block size
_MAGIC = const(0xEF53)

_FREE_BLOCKS = const(12)  # free blocks, then free inodes
_MTIME = const(44)  # mount time, then write time
_MNT_COUNT = const(52)
_STATE = const(58)
_ERRORS = const(60)
_BLOCK_GROUP_NR = const(90)
_ROL_FEATURES = const(92)
_UUID = const(104)
_LABEL = const(120)
_JOURNAL_INO = const(224)
_LAST_ORPHAN = const(232)
_BACKUP_GROUPS = const(588)

_VALID = const(1)  # s_state: unmounted cleanly
_ERROR = const(2)  # s_state: errors were seen

# What each feature allows.  A feature that no table knows: compat is ignored, ro_compat allows
# reading.
RW = const(2)
RO = const(1)
REFUSED = const(0)

COMPAT = const(0)
INCOMPAT = const(1)
RO_COMPAT = const(2)

FILETYPE = const(0x2)
RECOVER = const(0x4)
META_BG = const(0x10)
EXTENTS = const(0x40)
BIT64 = const(0x80)
CSUM_SEED = const(0x2000)
SPARSE_SUPER = const(0x1)
LARGE_FILE = const(0x2)
GDT_CSUM = const(0x10)
METADATA_CSUM = const(0x400)
LARGEDIR = const(0x4000)
BIGALLOC = const(0x200)
HAS_JOURNAL = const(0x4)  # compat
SPARSE_SUPER2 = const(0x200)  # compat

FEATURES = (
    {
        0x1: ("dir_prealloc", RW),
        0x2: ("imagic_inodes", RW),
        0x4: ("has_journal", RW),  # a clean journal is not needed to write as ext2 does
        0x8: ("ext_attr", RW),
        0x10: ("resize_inode", RW),
        0x20: ("dir_index", RW),
        0x200: ("sparse_super2", RW),
        0x400: ("fast_commit", RO),
        0x800: ("stable_inodes", RW),
        0x1000: ("orphan_file", RO),
    },
    {
        0x1: ("compression", REFUSED),
        0x2: ("filetype", RW),
        0x4: ("recover", RO),
        0x8: ("journal_dev", REFUSED),
        0x10: ("meta_bg", RW),
        0x40: ("extents", RO),
        0x80: ("64bit", RO),
        0x100: ("mmp", RO),
        0x200: ("flex_bg", RO),
        0x400: ("ea_inode", REFUSED),
        0x1000: ("dirdata", REFUSED),
        0x2000: ("csum_seed", RO),
        0x4000: ("largedir", RO),
        0x8000: ("inline_data", REFUSED),
        0x10000: ("encrypt", REFUSED),
        0x20000: ("casefold", REFUSED),
    },
    {
        0x1: ("sparse_super", RW),
        0x2: ("large_file", RW),
        0x4: ("btree_dir", RW),
        0x8: ("huge_file", RO),
        0x10: ("gdt_csum", RO),
        0x20: ("dir_nlink", RO),
        0x40: ("extra_isize", RO),
        0x100: ("quota", RO),
        0x200: ("bigalloc", RO),
        0x400: ("metadata_csum", RO),
        0x1000: ("readonly", RO),
        0x2000: ("project", RO),
        0x4000: ("shared_blocks", RO),
        0x8000: ("verity", RO),
        0x10000: ("orphan_present", RO),
    },
)
_UNKNOWN = (RW, REFUSED, RO)


def feature_names(words, least=RW):
    """Names of the set features that allow less than `least`; "incompat 0x80000" where there is
    no name.
    """
    names = []
    for kind in range(3):
        table = FEATURES[kind]
        bit = 1
        while bit <= words[kind]:
            if words[kind] & bit:
                name, allows = table.get(bit, ("", _UNKNOWN[kind]))
                if allows < least:
                    names.append(
                        name or "%s 0x%x" % (("compat", "incompat", "ro_compat")[kind], bit)
                    )
            bit <<= 1
    return names


class Super:
    """One copy of the superblock.  raw is what will be written; attributes are decoded from it.

    Raises OSError: ENODEV no ext2 here, EUCLEAN geometry that contradicts itself.
    """

    def __init__(self, raw):
        self.raw = raw
        u = struct.unpack_from
        if u("<H", raw, 56)[0] != _MAGIC:
            raise OSError(errno.ENODEV)
        (
            self.inodes,
            self.blocks,
            self.reserved,
            self.free_blocks,
            self.free_inodes,
            self.first_data_block,
            log_block,
            log_frag,
            self.blocks_per_group,
            _,
            self.inodes_per_group,
        ) = u("<11I", raw, 0)
        self.state, self.errors = u("<HH", raw, _STATE)
        self.rev = u("<I", raw, 76)[0]
        self.first_ino, self.inode_size = (11, 128) if self.rev == 0 else u("<IH", raw, 84)
        self.features = (0, 0, 0) if self.rev == 0 else u("<3I", raw, _ROL_FEATURES)
        self.last_orphan = u("<I", raw, _LAST_ORPHAN)[0]
        self.journal_ino = u("<I", raw, _JOURNAL_INO)[0]  # 0: none, or on another device
        self.first_meta_bg = u("<I", raw, 260)[0] if self.has(INCOMPAT, META_BG) else 1 << 32
        self.desc_size = 32
        if self.has(INCOMPAT, BIT64):
            self.desc_size = u("<H", raw, 254)[0]
            self.blocks |= u("<I", raw, 336)[0] << 32
            self.reserved |= u("<I", raw, 340)[0] << 32
            self.free_blocks |= u("<I", raw, 344)[0] << 32
        self.block_bits = 10 + log_block
        self.block_size = 1024 << (log_block & 7)
        self._check(log_block, log_frag)
        self.groups = -(-(self.blocks - self.first_data_block) // self.blocks_per_group)
        if self.groups * self.inodes_per_group != self.inodes:
            raise OSError(EUCLEAN)
        self.inodes_per_block = self.block_size // self.inode_size
        self.descs_per_block = self.block_size // self.desc_size

    def _check(self, log_block, log_cluster):
        size, inode, desc = self.block_size, self.inode_size, self.desc_size
        # With bigalloc a bit of the block bitmap stands for a cluster.
        ratio = log_cluster - log_block if self.has(RO_COMPAT, BIGALLOC) else 0
        first = 1 if log_block == 0 else 0
        if (
            log_block > 6  # 64 KiB
            or self.first_data_block not in ((first, 0) if ratio else (first,))
            or not 0 <= ratio <= 16
            or not 8 <= self.blocks_per_group <= size * 8 << ratio
            or inode & (inode - 1)
            or not 128 <= inode <= size
            or not size // inode <= self.inodes_per_group <= size * 8
            or desc & (desc - 1)
            or not 32 <= desc <= size
            or not 11 <= self.first_ino <= self.inodes
            or not self.first_data_block + 1 < self.blocks <= 1 << 48
        ):
            raise OSError(EUCLEAN)

    def has(self, kind, bit):
        """Whether a feature bit of the word `kind` (COMPAT, INCOMPAT, RO_COMPAT) is set."""
        return bool(self.features[kind] & bit)

    def set_feature(self, kind, bit):
        """Set a feature bit, to be written with the next update."""
        words = list(self.features)
        words[kind] |= bit
        self.features = tuple(words)
        struct.pack_into("<3I", self.raw, _ROL_FEATURES, *words)

    @property
    def clean(self):
        """Unmounted cleanly, and no errors were seen."""
        return self.state & (_VALID | _ERROR) == _VALID

    @property
    def uuid(self):
        return bytes(self.raw[_UUID : _UUID + 16])

    @property
    def label(self):
        """The volume's name, a str."""
        name = bytes(self.raw[_LABEL : _LABEL + 16])
        name = name[: (name + b"\0").find(b"\0")]
        return "".join([chr(c) for c in name]) if max(name + b"\0") > 127 else name.decode()

    @property
    def mounts(self):
        """(mounts since the last check, limit or -1)"""
        return struct.unpack_from("<Hh", self.raw, _MNT_COUNT)

    def mounted(self, now):
        """Note a mount for writing: not clean from now, one mount more, at `now` seconds."""
        count = self.mounts[0]
        struct.pack_into("<H", self.raw, _MNT_COUNT, min(count + 1, 0xFFFF))
        struct.pack_into("<I", self.raw, _MTIME, now & 0xFFFFFFFF)
        self.state &= ~_VALID

    def unmounted(self, was_clean):
        """Note the end of a mount: clean again if it was at the start and no error was seen."""
        if was_clean and not self.state & _ERROR:
            self.state |= _VALID

    def error(self):
        """Note that an error was seen: the next e2fsck checks all."""
        self.state |= _ERROR

    def pack(self, now):
        """Put counts, state and the time of writing into raw, for group 0, and return it."""
        raw = self.raw
        struct.pack_into("<H", raw, _BLOCK_GROUP_NR, 0)  # where it was read may be a backup
        free = self.free_blocks & 0xFFFFFFFF, self.free_inodes & 0xFFFFFFFF
        struct.pack_into("<II", raw, _FREE_BLOCKS, *free)
        struct.pack_into("<I", raw, _MTIME + 4, now & 0xFFFFFFFF)
        struct.pack_into("<H", raw, _STATE, self.state)
        struct.pack_into("<I", raw, _LAST_ORPHAN, self.last_orphan)
        return raw

    def has_super(self, group):
        """Whether a group begins with a copy of the superblock (and, without meta_bg, of the
        descriptors).
        """
        if group and self.has(COMPAT, SPARSE_SUPER2):
            return group in struct.unpack_from("<II", self.raw, _BACKUP_GROUPS)
        if group <= 1 or not self.has(RO_COMPAT, SPARSE_SUPER):
            return True
        if not group & 1:
            return False
        for base in (3, 5, 7):
            power = base
            while power < group:
                power *= base
            if power == group:
                return True
        return False

    def group_first(self, group):
        """First block of a group."""
        return self.first_data_block + group * self.blocks_per_group

    def desc_block(self, n, copy=None):
        """Where block n of the group descriptors is, meta_bg or not.  copy: block of the
        superblock that they lie behind, the primary one without.
        """
        # Block of the primary superblock: not the first one in blocks of 1 KiB, which bigalloc
        # counts from 0.
        primary = 1 if self.block_size == 1024 else 0
        if n < self.first_meta_bg:
            return (primary if copy is None else copy) + 1 + n
        if n == 0:
            return primary + 1
        group = n * self.descs_per_block
        return self.group_first(group) + (1 if self.has_super(group) else 0)


def read(disk, sb=None):
    """The superblock from a Disk.  sb: block number of a backup, in units of 1 KiB as for Linux'
    mount option.
    """
    at = _OFFSET if sb is None else sb * 1024
    raw = bytearray(_SIZE)
    disk.read_bytes(at, raw)
    return Super(raw)
