"""Allocation of blocks and inodes.

What is freed stays taken in the bitmaps until the commit that frees it is complete on the disk:
so no block has two owners there, whichever of the writes of a commit are lost.
"""

import ext2c

from .cache import BITMAP
from .const import ENOSPC


class Allocator:
    """Takes blocks and inodes, and notes what a commit is to free."""

    def __init__(self, volume):
        self._volume = volume
        self._blocks = []  # (first, n) to free
        self._inodes = []  # (number, whether a directory)
        self.blocks_pending = 0

    @property
    def pending(self):
        """Whether a commit would make room."""
        return bool(self._blocks or self._inodes)

    @property
    def inodes_pending(self):
        return len(self._inodes)

    # Blocks

    def take(self, goal, most):
        """Up to `most` blocks side by side, near goal: (first, n).  OSError(ENOSPC)."""
        volume = self._volume
        sb = volume.sb
        if not sb.first_data_block < goal < sb.blocks:
            goal = sb.first_data_block + 1
        group, at = divmod(goal - sb.first_data_block, sb.blocks_per_group)
        for i in range(sb.groups + 1):
            if volume.groups.free_blocks(group):
                found = self._take_in(group, at if i == 0 else 0, most)
                if found:
                    return found
            at = 0
            group = (group + 1) % sb.groups
        raise OSError(ENOSPC)

    def _take_in(self, group, start, most):
        volume = self._volume
        sb = volume.sb
        first = sb.group_first(group)
        end = min(sb.blocks_per_group, sb.blocks - first)
        block = volume.groups.block_bitmap(group)
        bitmap = volume.cache.get(block)
        found = ext2c.free_run(bitmap, start, end, most)
        if not found:
            return None
        at, n = found & 0xFFFFFFFF, found >> 32
        self._not_metadata(group, first + at, n)
        ext2c.set_bits(bitmap, at, n, 1)
        volume.cache.mark(block, bitmap, BITMAP)
        volume.groups.count(group, 0, -n)
        sb.free_blocks -= n
        return first + at, n

    def _not_metadata(self, group, block, n):
        """OSError(EUCLEAN) when the bitmap offers what holds the group's own structures."""
        groups = self._volume.groups
        sb = self._volume.sb
        table = groups.inode_table(group)
        tables = -(-sb.inodes_per_group // sb.inodes_per_block)
        for first, length in (
            (groups.block_bitmap(group), 1),
            (groups.inode_bitmap(group), 1),
            (table, tables),
        ):
            if block < first + length and first < block + n:
                self._volume.corrupt("block bitmap of group", group)

    def free(self, block, n):
        """Free n blocks with the next commit; what the cache has of them is forgotten now."""
        self._volume.check_block(block, n, "freed block", block)
        self._volume.cache.drop(block, n)
        if self._blocks and sum(self._blocks[-1]) == block:
            self._blocks[-1] = (self._blocks[-1][0], self._blocks[-1][1] + n)
        else:
            self._blocks.append((block, n))
        self.blocks_pending += n

    # Inodes

    def take_inode(self, directory, is_dir):
        """Number of a free inode: in the directory's group; a new top directory where most blocks
        are free.
        """
        volume = self._volume
        sb = volume.sb
        groups = volume.groups
        group = (directory.ino - 1) // sb.inodes_per_group
        if is_dir and directory.ino == 2:
            most = -1
            for g in range(sb.groups):
                if groups.free_inodes(g) and groups.free_blocks(g) > most:
                    group, most = g, groups.free_blocks(g)
        per_group = sb.inodes_per_group
        for _ in range(sb.groups):
            if groups.free_inodes(group):
                block = groups.inode_bitmap(group)
                bitmap = volume.cache.get(block)
                start = min(max(sb.first_ino - 1 - group * per_group, 0), per_group)
                found = ext2c.free_run(bitmap, start, per_group, 1)
                if found:
                    at = found & 0xFFFFFFFF
                    ext2c.set_bits(bitmap, at, 1, 1)
                    volume.cache.mark(block, bitmap, BITMAP)
                    groups.count(group, 1, -1)
                    if is_dir:
                        groups.count(group, 2, 1)
                    sb.free_inodes -= 1
                    return group * per_group + at + 1
            group = (group + 1) % sb.groups
        raise OSError(ENOSPC)

    def free_inode(self, inode):
        """Free an inode's number with the next commit."""
        self._inodes.append((inode.ino, inode.is_dir))

    # Commit

    def apply(self):
        """Clear what was freed in the bitmaps, which then wait to be written."""
        volume = self._volume
        sb = volume.sb
        groups = volume.groups
        for block, n in self._blocks:
            while n:
                group, at = divmod(block - sb.first_data_block, sb.blocks_per_group)
                part = min(n, sb.blocks_per_group - at)
                freed = self._clear(groups.block_bitmap(group), at, part, "block bitmap", group)
                groups.count(group, 0, freed)
                sb.free_blocks += freed
                block += part
                n -= part
        for ino, is_dir in self._inodes:
            group, at = divmod(ino - 1, sb.inodes_per_group)
            freed = self._clear(groups.inode_bitmap(group), at, 1, "inode bitmap", group)
            groups.count(group, 1, freed)
            if is_dir:
                groups.count(group, 2, -1)
            sb.free_inodes += freed
        self._blocks = []
        self._inodes = []
        self.blocks_pending = 0

    def _clear(self, block, at, n, what, group):
        cache = self._volume.cache
        bitmap = cache.get(block)
        freed = ext2c.set_bits(bitmap, at, n, 0)
        if freed != n:  # freed twice: the disk was corrupt; what is free already stays so
            if self._volume.errors != "continue":
                self._volume.corrupt(what + " of group", group)
            self._volume.log("%s of group %d: %d free already" % (what, group, n - freed))
            self._volume.sb.error()
        cache.mark(block, bitmap, BITMAP)
        return freed
