"""Runs first, at power-on and after every soft reset: mounts the RAM file system at /ram."""

import os
import sys

import boot
import klog
import vfs

from ramdisk import RamDisk


def _mount():
    region = boot.ramdisk()
    if region is None:
        return
    disk = RamDisk(region)
    try:
        fs = vfs.VfsLfs2(disk)
    except OSError:
        try:
            vfs.VfsLfs2.mkfs(disk)
            fs = vfs.VfsLfs2(disk)
        except OSError:
            klog.log(klog.WARN, "ramdisk: %u bytes hold no file system" % len(region))
            return
    vfs.mount(fs, "/ram")
    os.chdir("/ram")
    sys.path.extend(("/ram", "/ram/lib"))


def _heartbeat():
    period_ms = boot.heartbeat()
    if period_ms:
        from probe import heartbeat

        heartbeat.start(period_ms)


_mount()
_heartbeat()
