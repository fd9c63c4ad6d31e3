"""Runs first, at power-on and after every soft reset: mounts what the disks have, then /ram.

In that order because an import looks through /ram once it is the working directory.
"""

import os
import sys

import boot
import klog
import vfs

from ramdisk import RamDisk


def _mount_ram():
    """Whether /ram is there."""
    region = boot.ramdisk()
    if region is None:
        return False
    disk = RamDisk(region)
    try:
        fs = vfs.VfsLfs2(disk)
    except OSError:
        try:
            vfs.VfsLfs2.mkfs(disk)
            fs = vfs.VfsLfs2(disk)
        except OSError:
            klog.log(klog.WARN, "ramdisk: %u bytes hold no file system" % len(region))
            return False
    vfs.mount(fs, "/ram")
    return True


def _mount_disks():
    """Whether a disk's root is there."""
    cmdline = boot.cmdline()
    seen = boot.storage()
    if seen or "root=" in cmdline:
        import mounts

        return mounts.start(cmdline, seen)
    return False


def _mount():
    root = _mount_disks()
    ram = _mount_ram()
    if root:
        os.chdir("/")
        sys.path.append("/lib")
    elif ram:
        os.chdir("/ram")
    if ram:
        sys.path.extend(("/ram", "/ram/lib"))


def _heartbeat():
    period_ms = boot.heartbeat()
    if period_ms:
        from probe import heartbeat

        heartbeat.start(period_ms)


def ush():
    """U-Boot's prompt, until `exit`."""
    import shell

    shell.ush()


_mount()
_heartbeat()
