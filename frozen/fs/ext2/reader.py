"""MicroPython's file system protocol over a volume, as far as it reads."""

import errno

import ext2c

from .const import ELOOP, ENAMETOOLONG, ENOTDIR, NAME_MAX, ROOT_INO, S_IFLNK, S_IFMT
from .dirs import Dirs
from .volume import Volume

_NO_FOLDER = "\0"  # what no path begins with
LINKS = 8  # symbolic links on the way to one file


class Reader:
    """What a read-only mount can do."""

    def __init__(
        self, bdev, sb=None, read_only=False, cache=4 << 20, errors="remount-ro", sizes=False
    ):
        self.volume = Volume(bdev, sb, read_only, cache, errors)
        self.volume.sizes = sizes
        self.dirs = Dirs(self.volume)
        self._cwd = "/"
        self._folder = _NO_FOLDER
        self._near = 0  # block where the last name in that folder was: the next is likely there

    # Paths

    def _absolute(self, path):
        return path if path.startswith("/") else self._cwd + "/" + path

    def walk(self, path, follow=True):
        """The inode of a path.  follow: through a symbolic link at its end.

        OSError: ENOENT, ENOTDIR, ELOOP.
        """
        volume = self.volume
        inodes = volume.inodes
        if inodes.crowded:
            inodes.trim()
        if self._near:
            inode = ext2c.near_inode(
                path, self._folder, self._near, volume.cache.young, inodes.core, inodes.shape
            )
            if inode is not None:
                return inode
        ino = self._number(path)
        if ino:
            inode = inodes.live(ino, self.dirs.block)
            if not follow or inode.mode & S_IFMT != S_IFLNK:
                return inode
        return self.trail(path, follow)[-1]

    def _number(self, path):
        """Inode number of a path in the folder that the last one was in, 0 for any other; it was
        found in block dirs.block.  OSError(ENOENT).
        """
        name = ext2c.below(path, self._folder)
        if name is None:
            return 0
        dirs = self.dirs
        ino = dirs.find(self.volume.inodes.get(self._folder_ino), name)
        if ino == 0:
            raise OSError(ENAMETOOLONG if len(name) > NAME_MAX else errno.ENOENT)
        if dirs.plain:
            self._near = dirs.block
        return ino

    def trail(self, path, follow=True):
        """walk(), with all directories on the way from the root: a list."""
        inodes = self.volume.inodes
        at = [inodes.get(ROOT_INO)]
        names = self._absolute(path).split("/")
        names.reverse()
        links = 0
        while names:
            name = names.pop()
            if name == "" or name == ".":
                continue
            if not at[-1].is_dir:
                raise OSError(ENOTDIR)
            if name == "..":
                if len(at) > 1:
                    at.pop()
                continue
            inode = self.lookup(at[-1], name)
            if inode.format == S_IFLNK and (names or follow):
                links += 1
                if links > LINKS:
                    raise OSError(ELOOP)
                target = self.target(inode)
                if target.startswith("/"):
                    del at[1:]
                more = target.split("/")
                more.reverse()
                names += more
            else:
                at.append(inode)
        if path.endswith("/") and not at[-1].is_dir:
            raise OSError(ENOTDIR)
        folder, slash, name = path.rpartition("/")
        named = name != "" and name != "."  # else the folder's path is that of at[-1] itself
        if slash and named and len(at) > 1 and links == 0 and ".." not in path:
            self._folder, self._folder_ino = folder, at[-2].ino
            self._near = 0
        return at

    def lookup(self, directory, name):
        """The inode of one name.  OSError(ENOENT)."""
        name = name.encode()
        if len(name) > NAME_MAX:
            raise OSError(ENAMETOOLONG)
        ino = self.dirs.find(directory, name)
        if ino == 0:
            raise OSError(errno.ENOENT)
        return self.volume.inodes.live(ino, self.dirs.block)

    def target(self, inode):
        """Where a symbolic link points, str."""
        volume = self.volume
        if inode.size > volume.sb.block_size:
            volume.corrupt("symbolic link", inode.ino)
        found = inode.fast_link(volume.sb.block_size >> 9 if inode.xattr_block else 0)
        if found is None:
            if inode.map.run(inode, 0, 1) and not inode.map.phys:
                volume.corrupt("symbolic link", inode.ino)
            found = bytes(volume.cache.get(inode.map.phys)[: inode.size])
        try:
            return str(found, "utf-8")
        except UnicodeError:
            raise OSError(errno.EINVAL)

    # The protocol

    def ilistdir(self, path):
        """Iterator of (name, type, inode number), with sizes=True (…, size); type is the format
        of st_mode, links not followed.
        """
        return self.dirs.entries(self.walk(path))

    def stat(self, path):
        """10-tuple as os.stat(): through symbolic links.  lstat() is for the link itself."""
        volume = self.volume
        inodes = volume.inodes
        if self._near:
            found = ext2c.near_stat(
                path, self._folder, self._near, volume.cache.young, inodes.core, inodes.shape
            )
            if found is not None:
                return found
        ino = self._number(path)
        if ino:
            found = inodes.stat(ino, self.dirs.block)
            if found[0] & S_IFMT != S_IFLNK:
                return found
        return self.walk(path).stat()

    def lstat(self, path):
        """stat() of a symbolic link itself."""
        return self.walk(path, False).stat()

    def readlink(self, path):
        """Where a symbolic link points.  OSError(EINVAL) when it is none."""
        inode = self.walk(path, False)
        if inode.format != S_IFLNK:
            raise OSError(errno.EINVAL)
        return self.target(inode)

    def statvfs(self, path):
        """10-tuple as os.statvfs()."""
        volume = self.volume
        sb = volume.sb
        free = sb.free_blocks + volume.alloc.blocks_pending
        inodes = sb.free_inodes + volume.alloc.inodes_pending
        return (
            sb.block_size,
            sb.block_size,
            sb.blocks,
            free,
            max(free - sb.reserved, 0),
            sb.inodes,
            inodes,
            inodes,
            1 if volume.read_only else 0,
            NAME_MAX,
        )

    def forget_folder(self):
        """Names are about to change: the folder of the last path may be another one then."""
        self._folder = _NO_FOLDER
        self._near = 0

    def chdir(self, path):
        """Relative paths begin at `path` from now on."""
        if not self.walk(path).is_dir:
            raise OSError(ENOTDIR)
        self.forget_folder()
        self._cwd = self._clean(path)

    def getcwd(self):
        return self._cwd

    def _clean(self, path):
        parts = []
        for name in self._absolute(path).split("/"):
            if name == "..":
                if parts:
                    parts.pop()
            elif name and name != ".":
                parts.append(name)
        return "/" + "/".join(parts)
