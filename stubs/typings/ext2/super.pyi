# Made by `inv stubs` from frozen/fs/ext2/super.py: do not edit.
"""The superblock: geometry, feature words, state (Linux Documentation/filesystems/ext2.rst,
ext4/super.rst).
"""

from _typeshed import Incomplete

RW: int
RO: int
REFUSED: int
COMPAT: int
INCOMPAT: int
RO_COMPAT: int
FILETYPE: int
RECOVER: int
META_BG: int
EXTENTS: int
BIT64: int
CSUM_SEED: int
SPARSE_SUPER: int
LARGE_FILE: int
GDT_CSUM: int
METADATA_CSUM: int
LARGEDIR: int
BIGALLOC: int
HAS_JOURNAL: int
SPARSE_SUPER2: int
FEATURES: tuple[
    dict[Incomplete, Incomplete], dict[Incomplete, Incomplete], dict[Incomplete, Incomplete]
]

def feature_names(words: Incomplete, least: int = 2) -> list[Incomplete]:
    """Names of the set features that allow less than `least`; "incompat 0x80000" where there is
    no name.
    """

class Super:
    """One copy of the superblock.  raw is what will be written; attributes are decoded from it.

    Raises OSError: ENODEV no ext2 here, EUCLEAN geometry that contradicts itself.
    """

    raw: Incomplete
    inodes: Incomplete
    blocks: Incomplete
    reserved: Incomplete
    free_blocks: Incomplete
    free_inodes: Incomplete
    first_data_block: Incomplete
    blocks_per_group: Incomplete
    inodes_per_group: Incomplete
    state: Incomplete
    errors: Incomplete
    rev: Incomplete
    first_ino: Incomplete
    inode_size: Incomplete
    features: Incomplete
    last_orphan: Incomplete
    journal_ino: Incomplete
    first_meta_bg: Incomplete
    desc_size: Incomplete
    block_bits: Incomplete
    block_size: Incomplete
    groups: Incomplete
    inodes_per_block: Incomplete
    descs_per_block: Incomplete
    def __init__(self, raw: Incomplete) -> None: ...
    def has(self, kind: Incomplete, bit: Incomplete) -> bool:
        """Whether a feature bit of the word `kind` (COMPAT, INCOMPAT, RO_COMPAT) is set."""
    def set_feature(self, kind: Incomplete, bit: Incomplete) -> None:
        """Set a feature bit, to be written with the next update."""
    @property
    def clean(self) -> bool:
        """Unmounted cleanly, and no errors were seen."""
    @property
    def uuid(self) -> bytes: ...
    @property
    def label(self) -> Incomplete:
        """The volume's name, a str."""
    @property
    def mounts(self) -> Incomplete:
        """(mounts since the last check, limit or -1)"""
    def mounted(self, now: Incomplete) -> None:
        """Note a mount for writing: not clean from now, one mount more, at `now` seconds."""
    def unmounted(self, was_clean: Incomplete) -> None:
        """Note the end of a mount: clean again if it was at the start and no error was seen."""
    def error(self) -> None:
        """Note that an error was seen: the next e2fsck checks all."""
    def pack(self, now: Incomplete) -> Incomplete:
        """Put counts, state and the time of writing into raw, for group 0, and return it."""
    def has_super(self, group: Incomplete) -> bool:
        """Whether a group begins with a copy of the superblock (and, without meta_bg, of the
        descriptors).
        """
    def group_first(self, group: Incomplete) -> Incomplete:
        """First block of a group."""
    def desc_block(self, n: Incomplete, copy: Incomplete | None = None) -> Incomplete:
        """Where block n of the group descriptors is, meta_bg or not.  copy: block of the
        superblock that they lie behind, the primary one without.
        """

def read(disk: Incomplete, sb: Incomplete | None = None) -> Super:
    """The superblock from a Disk.  sb: block number of a backup, in units of 1 KiB as for Linux'
    mount option.
    """
