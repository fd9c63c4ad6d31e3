"""Inodes of ext4: checksums, and directories beyond 4 GiB."""

import struct

from micropython import const

from .inode import Table
from .super import INCOMPAT, LARGEDIR

_SIZE_HIGH = const(108)


class Table4(Table):
    """The inode table of a volume with metadata_csum or largedir."""

    def get(self, ino):
        """The inode in core, verified when it is read.  OSError(EUCLEAN)."""
        inode = self.core.get(ino)
        if inode is None:
            volume = self._volume
            block, off = self.place(ino)
            raw = volume.cache.get(block)[off : off + volume.sb.inode_size]
            if volume.checks and volume.checks.full:
                volume.checks.inode(ino, raw)
            inode = Table.get(self, ino)
            if inode.is_dir and volume.sb.has(INCOMPAT, LARGEDIR):
                inode.size |= struct.unpack_from("<I", raw, _SIZE_HIGH)[0] << 32
                if inode.size >> 48:
                    volume.corrupt("inode size", ino)
        return inode

    def stat(self, ino, block):
        """10-tuple of os.stat() for a name found in a directory block."""
        return self.live(ino, block).stat()
