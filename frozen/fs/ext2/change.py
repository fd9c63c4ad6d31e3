"""Making and removing inodes and their names: what create, link, unlink, mkdir, rmdir and symlink
share.
"""

import errno
import os

from .const import EMLINK, ENAMETOOLONG, ENOTEMPTY, NAME_MAX, S_IFDIR, S_IFLNK, S_IFREG
from .inode import fresh
from .xattr import release

_LINKS_MAX = 32000  # as Linux ext2


class Changes:
    """Operations on inodes of a volume, below paths."""

    def __init__(self, volume, dirs):
        self.volume = volume
        self.dirs = dirs

    # Making

    def make(self, directory, mode):
        """A new inode, without a name yet.  OSError(ENOSPC)."""
        volume = self.volume
        ino = volume.alloc.take_inode(directory, mode & 0xF000 == S_IFDIR)
        generation = int.from_bytes(os.urandom(4), "little")
        inode = fresh(ino, mode, volume.sb.inode_size, volume.now(), generation)
        inode.map = volume.indirect
        volume.inodes.add(inode)
        return inode

    def _name(self, directory, name, inode, links=1):
        """Give a new inode its name, or undo it."""
        try:
            self.dirs.add(directory, name, inode)
        except OSError:
            self.drop(inode)
            raise
        inode.links = links

    def create(self, directory, name):
        """A new empty file."""
        inode = self.make(directory, S_IFREG | 0o644)
        self._name(directory, name, inode)
        return inode

    def mkdir(self, directory, name, mode=0o755):
        """A new empty directory."""
        if directory.links >= _LINKS_MAX:
            raise OSError(EMLINK)
        volume = self.volume
        inode = self.make(directory, S_IFDIR | mode)
        try:
            inode.map.grow(inode, 0, 1)
            data = volume.begin_block(inode.map.phys)
        except OSError:
            self.drop(inode)
            raise
        self.dirs.begin_block(data, inode, directory)
        inode.size = volume.sb.block_size
        self._name(directory, name, inode, 2)
        directory.links += 1
        return inode

    def symlink(self, directory, name, target):
        """A symbolic link to target, bytes: in the inode when it is short, in a block
        otherwise.
        """
        volume = self.volume
        if not target:
            raise OSError(errno.ENOENT)
        if len(target) >= volume.sb.block_size:
            raise OSError(ENAMETOOLONG)
        inode = self.make(directory, S_IFLNK | 0o777)
        if len(target) < 60:
            inode.set_fast_link(target)
        else:
            try:
                inode.map.grow(inode, 0, 1)
            except OSError:
                self.drop(inode)
                raise
            volume.begin_block(inode.map.phys)[: len(target)] = target
            inode.size = len(target)
        self._name(directory, name, inode)
        return inode

    def link(self, directory, name, inode):
        """One more name of an inode."""
        if inode.links >= _LINKS_MAX:
            raise OSError(EMLINK)
        self.dirs.add(directory, name, inode)
        inode.links += 1
        inode.ctime = self.volume.now()

    # Removing

    def before_remove(self, directory, inode, at):
        """Commit what must be on the disk before a name goes, and find the name's block again."""
        volume = self.volume
        block, data, off = at
        stays = inode.links > 1 and not inode.is_dir and inode.moved and not inode.new
        if (
            (stays and block in volume.pending.targets)
            or (inode.is_dir and inode.left)
            or (inode.is_dir and inode.moved and not inode.new)
        ):
            volume.commit()
            return (block, volume.cache.get(block), off), False
        return at, stays

    def unlink(self, directory, inode, at):
        """Remove the name at `at` (dirs.find) of what is no directory."""
        self.dirs.unindex(directory)
        at, stays = self.before_remove(directory, inode, at)
        self.dirs.remove(directory, at, stays)
        self.lose(inode)

    def lose(self, inode):
        """One name less; the last one frees the inode, once no file has it open."""
        inode.links -= 1
        inode.ctime = self.volume.now()
        self.volume.inodes.mark(inode)
        if inode.links == 0:
            if inode.opened:
                self.orphan(inode)
            else:
                self.drop(inode)

    def rmdir(self, directory, inode, at):
        """Remove an empty directory."""
        if not self.dirs.is_empty(inode):
            raise OSError(ENOTEMPTY)
        self.dirs.unindex(directory)
        at, _ = self.before_remove(directory, inode, at)
        self.dirs.remove(directory, at)
        directory.links -= 1
        inode.links = 0
        self.drop(inode)

    def orphan(self, inode):
        """A file without a name that is still open: free on the disk, but its blocks are kept
        until close.
        """
        inode.dtime = 0
        if not inode.new:
            self.volume.pending.die(inode)

    def drop(self, inode):
        """Free an inode and all it has."""
        volume = self.volume
        try:
            if inode.map and (inode.format in (S_IFREG, S_IFDIR) or not self._is_fast(inode)):
                inode.map.cut(inode, 0)
            release(volume, inode)
        except OSError:  # what is not freed here nothing points to any more: e2fsck is due
            volume.fail()
            raise
        finally:
            volume.alloc.free_inode(inode)
            volume.inodes.forget(inode)
            inode.size = 0
            inode.dtime = max(volume.now(), 1)
            if not inode.new:
                volume.pending.die(inode)

    def _is_fast(self, inode):
        if inode.format != S_IFLNK:
            return True  # a device node has its number where others have pointers
        return (
            inode.fast_link(self.volume.sb.block_size >> 9 if inode.xattr_block else 0) is not None
        )

    def check_name(self, name):
        """A name to be made, as bytes.  OSError: EINVAL, ENAMETOOLONG."""
        if name in ("", ".", "..") or "\0" in name:
            raise OSError(errno.EINVAL)
        name = name.encode()
        if len(name) > NAME_MAX:
            raise OSError(ENAMETOOLONG)
        return name
