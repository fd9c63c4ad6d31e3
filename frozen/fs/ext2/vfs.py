"""VfsExt2: the whole protocol, reading (reader.py) and writing."""

import errno

from .change import Changes
from .const import ELOOP, ENOTDIR, S_IFMT, S_IFREG
from .dirwrite import DirWriter
from .file import File, TextFile, opened
from .filewrite import cut, resize
from .reader import LINKS, Reader
from .rename import Rename


class VfsExt2(Reader):
    """An ext2 file system on a block device: docs/reference/ext2.md.

    sb: block of a backup superblock, in KiB.  cache: bytes.  errors: "continue", "remount-ro",
    "panic", or None for what the superblock says.  sizes: ilistdir() tells them.  OSError: ENODEV
    no ext2, EUCLEAN broken, EOPNOTSUPP a feature (the log names it).
    """

    def __init__(
        self, bdev, sb=None, read_only=False, cache=4 << 20, errors="remount-ro", sizes=False
    ):
        self._again = (bdev, sb, read_only, cache, errors, sizes)
        Reader.__init__(self, *self._again)
        self.dirs = DirWriter(self.volume)
        self.changes = Changes(self.volume, self.dirs)
        self._rename = Rename(self.changes)
        self._mounted = self._stopped = False
        if not self.volume.read_only:
            self._start()

    @staticmethod
    def mkfs(bdev, block_size=4096, label="", inode_size=256, uuid=None):
        """Make an empty file system on all of a block device."""
        from .mkfs import mkfs

        mkfs(bdev, block_size, label, inode_size, uuid)

    def _start(self):
        self.volume.start()
        self._mounted = True
        self._orphans()

    def _orphans(self):
        """Work off the list that ext3 or Linux' ext4 left at a cut: files without a name that
        were open, and truncations.
        """
        volume = self.volume
        ino = volume.sb.last_orphan
        if not ino:
            return
        seen = set()
        while ino and ino not in seen:
            seen.add(ino)
            inode = volume.inodes.get(ino)
            ino = inode.dtime
            if inode.links == 0:
                self.changes.drop(inode)
                continue
            inode.dtime = 0
            volume.inodes.mark(inode)
            if inode.format == S_IFREG:
                cut(volume, inode, inode.size)
        volume.sb.last_orphan = 0
        volume.pending.super = True
        volume.commit()
        volume.log("%d orphaned inodes freed or truncated" % len(seen))

    def mount(self, readonly, mkfs):
        """Called by vfs.mount().  After umount(), what the disk has now is read anew."""
        if self._stopped:
            self.__init__(*self._again)
        if readonly:
            self._stop()

    def umount(self):
        """Called by vfs.umount(): all is written, and the disk is marked clean.

        Files that are open cannot be written any more; what has no name is freed.  OSError(EIO):
        it is unmounted, but an earlier error had ended all writing.
        """
        self._stopped = True  # also when the rest fails: nothing calls it again
        try:
            self._stop()
        except BaseException:  # what waits must not reach the disk over a later mount
            self.volume.failed = self.volume.read_only = True
            raise
        if self.volume.failed:
            raise OSError(errno.EIO)

    def _stop(self):
        volume = self.volume
        if self._mounted and not volume.read_only:
            for inode in volume.inodes.orphans():
                self.changes.drop(inode)
            volume.stop()
        self._mounted = False
        volume.read_only = True

    def sync(self):
        """All changes are on the medium when this returns.  OSError(EIO) when an earlier error
        ended all writing.
        """
        self.volume.sync()

    def _begin(self):
        """Before any operation that changes names.  OSError(EROFS)."""
        self.forget_folder()
        self.volume.begin()
        if self.volume.inodes.crowded:
            self.volume.inodes.trim()

    def _parent(self, path):
        """(directory, its path from the root on, name as bytes) for a name that is to change.
        OSError(EROFS).
        """
        path = self._absolute(path).rstrip("/")
        folder, _, name = path.rpartition("/")
        name = self.changes.check_name(name)
        stack = self.trail(folder or "/")
        if not stack[-1].is_dir:
            raise OSError(ENOTDIR)
        return stack, name

    def _vacant(self, path):
        """(directory, name) for a new name of what is no directory.  OSError(EEXIST)."""
        stack, name = self._parent(path)
        if self.dirs.find(stack[-1], name):
            raise OSError(errno.EEXIST)
        if path.endswith("/"):
            raise OSError(errno.ENOENT)
        return stack[-1], name

    def _found(self, directory, name):
        ino = self.dirs.find(directory, name)
        if ino == 0:
            raise OSError(errno.ENOENT)
        return self.volume.inodes.live(ino, self.dirs.block)

    def open(self, path, mode="r"):
        """A File, or a TextFile unless mode has "b".  Modes as of the builtin open()."""
        if mode == "rb" or mode == "r" or mode == "rt":
            inode = self.walk(path)
            if inode.mode & S_IFMT == S_IFREG:
                kind = File if mode == "rb" else TextFile
                return opened(kind, self.volume, self.changes, inode, True, False, False)
            return self._open(inode, mode, True, False)
        if len([c for c in mode if c in "rwax"]) != 1:
            raise ValueError("mode")
        reads, excludes = "r" in mode, "x" in mode
        self.volume.begin()
        try:
            inode = self.walk(path, not excludes)
            if excludes:
                raise OSError(errno.EEXIST)
        except OSError as why:
            if why.args[0] != errno.ENOENT or reads:
                raise
            inode = self._create(path)
        return self._open(inode, mode, reads or "+" in mode, True)

    def _open(self, inode, mode, readable, writable):
        if inode.mode & S_IFMT != S_IFREG:
            raise OSError(errno.EISDIR if inode.is_dir else errno.EINVAL)
        if "w" in mode and inode.size:
            resize(self.volume, inode, 0)
        kind = File if "b" in mode else TextFile
        return opened(kind, self.volume, self.changes, inode, readable, writable, "a" in mode)

    def _create(self, path):
        """A new file; where the path ends in a symbolic link to nothing, the file it names."""
        if path.endswith("/"):
            raise OSError(errno.EISDIR)
        for _ in range(LINKS):
            stack, name = self._parent(path)
            ino = self.dirs.find(stack[-1], name)
            if not ino:
                return self.changes.create(stack[-1], name)
            target = self.target(self.volume.inodes.live(ino, self.dirs.block))
            folder = self._absolute(path).rpartition("/")[0]
            path = target if target.startswith("/") else folder + "/" + target
        raise OSError(ELOOP)

    def mkdir(self, path):
        """Make a directory.  OSError: EEXIST, ENOENT, ENOSPC."""
        self._begin()
        if not self._absolute(path).strip("/"):
            raise OSError(errno.EEXIST)
        stack, name = self._parent(path)
        if self.dirs.find(stack[-1], name):
            raise OSError(errno.EEXIST)
        self.changes.mkdir(stack[-1], name)

    def rmdir(self, path):
        """Remove an empty directory.  OSError: ENOTEMPTY, ENOTDIR."""
        self._begin()
        stack, name = self._parent(path)
        inode = self._found(stack[-1], name)
        if not inode.is_dir:
            raise OSError(ENOTDIR)
        self.changes.rmdir(stack[-1], inode, self.dirs.at)

    def remove(self, path):
        """Remove a name.  An open file keeps its content until it is closed.  OSError(EISDIR)."""
        self._begin()
        stack, name = self._parent(path)
        inode = self._found(stack[-1], name)
        if inode.is_dir:
            raise OSError(errno.EISDIR)
        if path.endswith("/"):
            raise OSError(ENOTDIR)
        self.changes.unlink(stack[-1], inode, self.dirs.at)

    def rename(self, old, new):
        """Move a name, over an existing one too.  OSError(EINVAL): a directory into itself."""
        self._begin()
        source, old_name = self._parent(old)
        target, new_name = self._parent(new)
        inode = self._found(source[-1], old_name)
        if inode in target:
            raise OSError(errno.EINVAL)
        if not inode.is_dir and (old.endswith("/") or new.endswith("/")):
            raise OSError(ENOTDIR)
        self._rename.rename(source[-1], old_name, target[-1], new_name)

    def link(self, old, new):
        """Give a file one more name.  OSError(EPERM) for a directory."""
        self._begin()
        inode = self.walk(old, False)
        if inode.is_dir:
            raise OSError(errno.EPERM)
        self.changes.link(*self._vacant(new), inode)

    def symlink(self, target, path):
        """Make a symbolic link at path that points to target."""
        self._begin()
        self.changes.symlink(*self._vacant(path), target.encode())

    def chmod(self, path, mode):
        """Set the permission bits.  They are kept for others; here nobody is refused."""
        self.volume.begin()
        inode = self.walk(path)
        inode.mode = inode.format | mode & 0xFFF
        inode.ctime = self.volume.now()
        self.volume.inodes.mark(inode)

    def utime(self, path, times=None):
        """Set (atime, mtime) in seconds, now without."""
        self.volume.begin()
        inode = self.walk(path)
        now = self.volume.now()
        inode.atime, inode.mtime = [int(t) for t in times or (now, now)]
        inode.ctime = now
        self.volume.inodes.mark(inode)
