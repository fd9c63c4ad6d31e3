"""rename(): at every moment the disk has the old name or the new one, and what a replaced name
stood for until then.
"""

import errno

import ext2c

from .const import EMLINK, ENOTDIR, ENOTEMPTY
from .dirs import length_at
from .dirwrite import clear
from .inode import INDEX_FL
from .xattr import share


class Rename:
    """Moves names.  Directories and blocks as in dirs.find(); names are bytes."""

    def __init__(self, changes):
        self._changes = changes
        self._dirs = changes.dirs
        self._volume = changes.volume

    def rename(self, source, old, target, new):
        """Give what `old` in the directory source names the name `new` in target.  The caller
        checked that the moved directory is not above target.
        """
        volume, dirs, changes = self._volume, self._dirs, self._changes
        ino = dirs.find(source, old)
        if ino == 0:
            raise OSError(errno.ENOENT)
        inode = volume.inodes.live(ino, dirs.block)
        there = dirs.find(target, new)
        if there == ino:
            return  # the same name, or two names of one file: nothing is to be done (POSIX)
        dirs.unindex(source)
        dirs.unindex(target)
        if there:
            replaced = volume.inodes.live(there, dirs.block)
            if replaced.is_dir and not inode.is_dir:
                raise OSError(errno.EISDIR)
            if inode.is_dir and not replaced.is_dir:
                raise OSError(ENOTDIR)
            if replaced.is_dir and not dirs.is_empty(replaced):
                raise OSError(ENOTEMPTY)
            if not inode.is_dir:
                volume.commit()
                self._over(source, old, target, new, inode, replaced)
                return
            changes.rmdir(target, replaced, dirs.at)
        dirs.find(source, old)
        at = dirs.at
        if source is target and self._within(source, at, new, inode):
            return
        if not inode.is_dir:
            self._move(source, old, target, new, inode)
            return
        try:
            self._move_tree(source, old, target, new, inode)
        except OSError:
            if there and not dirs.find(target, new):
                self._copy(replaced, target, new)  # empty, as it was
            raise

    def _within(self, directory, at, new, inode):
        """Rename in one block of one directory, in one write; False when it has no room."""
        block, data, off = at
        trial = bytearray(data)
        clear(trial, off)
        room = ext2c.room(trial, (8 + len(new) + 3) & ~3)
        if room < 0:
            return False
        if self._volume.is_source(block):
            self._volume.commit()
            data = self._volume.cache.get(block)
        clear(data, off)
        self._dirs.insert(block, data, room, new, inode)
        self._dirs.touched(directory)
        inode.ctime = self._volume.now()
        return True

    def _move(self, source, old, target, new, inode):
        """A file to another block: the new name is on the disk before the old one goes."""
        volume, dirs = self._volume, self._dirs
        dirs.add(target, new, inode)
        dirs.find(source, old)
        self._remove_old(source, dirs.at, inode)
        inode.ctime = volume.now()

    def _remove_old(self, directory, at, inode):
        volume = self._volume
        block, data, off = at
        stays = not inode.new
        if stays and block in volume.pending.targets:
            volume.commit()
            at = (block, volume.cache.get(block), off)
            stays = False
        self._dirs.remove(directory, at, stays)

    def _over(self, source, old, target, new, inode, replaced):
        """Over an existing file.  In the write that gives the new content its name, the replaced
        file gets another name in the same block; it goes in the commit after that.
        """
        volume, dirs = self._volume, self._dirs
        dirs.find(source, old)
        old_block, _, old_off = dirs.at
        dirs.find(target, new)
        block, data, off = dirs.at
        inode.ctime = volume.now()
        if block == old_block:
            dirs.redirect(block, data, old_off, replaced)
            dirs.redirect(block, data, off, inode)
            aside, where = old, source
        elif replaced.links > 1:
            dirs.redirect(block, data, off, inode)
            dirs.find(source, old)
            self._remove_old(source, dirs.at, inode)
            self._changes.lose(replaced)
            dirs.touched(target)
            return
        else:
            aside, where = self._unused(target, replaced), target
            room = ext2c.room(data, (8 + len(aside) + 3) & ~3)
            if room < 0:
                dirs.add(target, aside, replaced)
                volume.commit()
                dirs.find(target, new)
                block, data, off = dirs.at
            else:
                dirs.insert(block, data, room, aside, replaced)
            dirs.redirect(block, data, off, inode)
            dirs.find(source, old)
            self._remove_old(source, dirs.at, inode)
        volume.commit()
        dirs.find(where, aside)
        dirs.remove(where, dirs.at)
        dirs.touched(target)
        self._changes.lose(replaced)

    def _unused(self, directory, inode):
        """A name that the directory does not have."""
        n = inode.ino
        while True:
            name = b".%x" % n
            if not self._dirs.find(directory, name):
                return name
            n += self._volume.sb.inodes

    # Directories: two names of one directory cannot be repaired without questions, nor can none.

    def _move_tree(self, source, old, target, new, inode):
        """A directory to another block: a copy of the directories, with links to the files; then
        the old ones go.
        """
        volume = self._volume
        volume.commit()
        try:
            self._copy_tree(inode, target, new)
        except OSError:
            volume.commit()
            if not volume.failed and self._dirs.find(target, new):
                self._remove_tree(target, new)
            raise
        volume.commit()
        self._remove_tree(source, old)

    def _copy_tree(self, inode, parent, name):
        """OSError(EUCLEAN) when a directory is met twice: they may go in circles."""
        volume, dirs = self._volume, self._dirs
        made = {}  # {number: (directory, its copy)}
        todo = [(inode, parent, name)]
        while todo:
            inode, parent, name = todo.pop()
            if inode.ino in made:
                volume.corrupt("directory with two names, inode", inode.ino)
            copy = self._copy(inode, parent, name)
            made[inode.ino] = inode, copy
            for _, block, data in dirs.blocks(inode):
                for child_name, ino in names(data):
                    if child_name in (b".", b".."):
                        continue
                    child = volume.inodes.live(ino, block)
                    if child.is_dir:
                        todo.append((child, copy, child_name))
                        continue
                    if child.links >= 32000:
                        raise OSError(EMLINK)
                    dirs.add(copy, child_name, child)
                    child.links += 1
        for inode, copy in made.values():
            copy.atime, copy.mtime, copy.ctime = inode.atime, inode.mtime, volume.now()

    def _copy(self, inode, parent, name):
        """A new, empty directory with all else that a directory has."""
        self._volume.begin(16)
        copy = self._changes.mkdir(parent, name)
        copy.mode, copy.flags = inode.mode, inode.flags & ~INDEX_FL  # it is a plain list
        copy.raw[2:4] = inode.raw[2:4]  # owner
        copy.raw[24:26] = inode.raw[24:26]  # group
        copy.raw[120:124] = inode.raw[120:124]  # upper halves of both
        copy.raw[128:] = inode.raw[128:]
        share(self._volume, inode, copy)
        return copy

    def _remove_tree(self, directory, name):
        """Remove a directory with all that is in it.  The files have, or had, another name."""
        volume, dirs, changes = self._volume, self._dirs, self._changes
        folders = []  # each before those in it
        todo = [(directory, name)]
        while todo:
            parent, name = todo.pop()
            inode = volume.inodes.live(dirs.find(parent, name), dirs.block)
            folders.append((parent, name, inode))
            inside = []
            for _, _, data in dirs.blocks(inode):
                inside += [n for n, _ in names(data) if n not in (b".", b"..")]
            inside.reverse()  # so that it shrinks from its end
            for n in inside:
                child = volume.inodes.live(dirs.find(inode, n), dirs.block)
                if child.is_dir:
                    todo.append((inode, n))
                else:
                    changes.unlink(inode, child, dirs.at)
        while folders:
            parent, name, inode = folders.pop()
            dirs.find(parent, name)
            changes.rmdir(parent, inode, dirs.at)


def names(data):
    """(name, inode number) of each record of a directory block that ext2c found sound."""
    out = []
    off = 0
    while off < len(data):
        ino = int.from_bytes(data[off : off + 4], "little")
        if ino:
            out.append((bytes(data[off + 8 : off + 8 + data[off + 6]]), ino))
        off += max(length_at(data, off), 8)
    return out
