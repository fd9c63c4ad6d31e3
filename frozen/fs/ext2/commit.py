"""The order in which changes reach the disk, so that a cut between any two writes leaves what
`e2fsck -p` repairs.

docs/reference/ext2.md has the reasons.  Changes gather in core until a commit; inode tables on
the disk and in the cache stay as they were until their step here.
"""

from .cache import BITMAP, DATA, META, SOURCE


class Pending:
    """What has changed since the last commit, beyond what the cache and the inode table hold."""

    def __init__(self):
        self.fresh = set()  # metadata blocks that nothing on the disk points to yet
        self.targets = set()  # directory blocks that got a name
        self.dead = []  # inodes without a name left, in the order they lost it
        self.super = False  # the superblock is to be written

    def die(self, inode):
        """An inode on the disk has no name left."""
        if not inode.doomed:
            inode.doomed = True
            self.dead.append(inode)

    def clear(self):
        self.fresh.clear()
        self.targets.clear()
        for inode in self.dead:
            inode.doomed = False
        self.dead = []
        self.super = False


def commit(volume):
    """Bring all changes to the medium.  OSError as the device says; then by policy nothing more
    is written.
    """
    try:
        _commit(volume)
    except OSError:
        volume.fail()
        raise


def _commit(volume):
    cache, disk, table, pending = volume.cache, volume.disk, volume.inodes, volume.pending
    changed = bool(table.dirty or pending.dead or volume.alloc.pending or volume.groups.dirty)
    # 1. New contents, that nothing points to, and bitmaps with all that is taken before and after.
    cache.write(DATA)
    cache.write(BITMAP)
    disk.flush()
    # 2. Inodes that lost their last name, before the directories lose it: a name of a free inode
    # is repaired, an inode without a name is not.  What was in a directory goes before it.
    batch = []
    for inode in pending.dead:
        if inode.shed and batch:
            table.store(batch)
            disk.flush()
            batch = []
        batch.append(inode)
    if batch:
        table.store(batch)
        disk.flush()
    # 3. Directories and indirect blocks.
    if cache.waiting[META]:
        cache.write(META)
        disk.flush()
    # 4. Inodes, each new one after the directory it is in.
    levels = {}
    for inode in table.dirty.values():
        if inode.links or not inode.new:
            levels.setdefault(inode.level, []).append(inode)
    for level in sorted(levels):
        disk.flush()
        table.store(levels[level])
    # 5. Nothing points any more to what is freed.  Old places of what has a new one.
    if volume.alloc.pending or cache.waiting[SOURCE]:
        disk.flush()
        cache.write(SOURCE)
        volume.alloc.apply()
        cache.write(BITMAP)
    volume.groups.write()
    if changed or pending.super:
        volume.write_super()
    disk.flush()
    table.settle()
    pending.clear()
