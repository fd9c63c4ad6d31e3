"""File systems of the disks at boot: the root at /, the EFI system partition at /esp.

Nothing is ever made or repaired here: what is broken is logged and left out.
"""

import os

import klog
import vfs
from micropython import const

_MAGIC_AT = const(1024 + 56)  # of an ext2 superblock
_MAGIC = b"\x53\xef"
# Parallels' controller in AML: its _HID as text, and as an EISA id (ACPI 6.5 §19.3.4).
_PLATFORM = (b"PRL4010", b"\x42\x4c\x40\x10")
_FLAGS = ("ro", "sb", "cache", "errors")

_found = {}  # the one cache: file systems by names of block devices


def start(cmdline, seen=None):
    """Mount what a command line asks for: whether there is a root now.

    What goes wrong becomes a line of the log.  seen: what boot.storage() gave; after "acpi", and
    without `root=`, the disks are looked for only where ACPI tables name a controller.
    """
    words = options(cmdline)
    if "noautomount" in words:
        return False
    try:
        if "root" not in words and seen == "acpi" and not _in_acpi():
            return False
        import ahci

        done = mount(ahci.disks(), words)
        if not done:
            ahci.release()  # nothing needs the controllers: they are left to who probes them
        return any(where == "/" for where, _ in done)
    except Exception as why:  # whatever it is, there is to be a prompt
        _log(klog.ERROR, "disks: %s: %s" % (type(why).__name__, why))
        return False


def _in_acpi():
    """Whether a table names the platform controller: its bytes, not what AML makes of them."""
    import acpi

    for table in acpi.tables():
        if table.signature in ("DSDT", "SSDT"):
            code = table.raw()
            if any(name in code for name in _PLATFORM):
                return True
    return False


def options(cmdline):
    """{key: value} of a command line; the first word with a key counts."""
    found = {}
    for word in cmdline.split():
        key, _, value = word.partition("=")
        if key not in found:
            found[key] = value
    return found


def flags(text):
    """rootflags= as keyword arguments of VfsExt2: "ro,sb=32768,cache=8m".  Raises ValueError."""
    found = {}
    for word in text.split(","):
        key, _, value = word.partition("=")
        if key == "ro":
            found["read_only"] = True
        elif key == "sb":
            found["sb"] = int(value)
        elif key == "cache":
            shift = {"k": 10, "m": 20, "g": 30}.get(value[-1:].lower(), 0)
            found["cache"] = int(value[:-1] if shift else value) << shift
        elif key == "errors":
            found["errors"] = value
        elif word:
            raise ValueError("%s: there are %s" % (word, ", ".join(_FLAGS)))
    return found


def volumes(disk):
    """[block device, …]: a disk's partitions, or itself where it has no table."""
    import gpt

    try:
        return gpt.partitions(disk) or [disk]
    except OSError as why:
        _log(klog.ERROR, "%s: %s" % (disk.name, _text(why)))
        return []


def mount(disks, words):
    """Mount root and ESP from these disks; words: options().  Gives [(mount point, name), …]."""
    found = [volumes(disk) for disk in disks]
    every = [v for group in found for v in group]
    done = []
    root = find_root(every, words.get("root", ""))
    if root is not None and _mounted(root, "/", _ext2, words.get("rootflags", "")):
        done.append(("/", root.name))
    esp = find_esp(found, root)
    if esp is not None and _mounted(esp, "/esp", _fat, ""):
        done.append(("/esp", esp.name))
    return done


def find_root(every, wanted):
    """The block device that is to be the root, or None."""
    if wanted == "none":
        return None
    if wanted:
        for v in every:
            if _is(v, wanted):
                return v
        names = " ".join(v.name for v in every) or "none"
        _log(klog.ERROR, "root=%s is not there; there are: %s" % (wanted, names))
        return None
    import gpt
    import mbr

    for kinds in ((gpt.LINUX_ROOT,), (gpt.LINUX, mbr.LINUX), (None,)):
        for v in every:
            if getattr(v, "type", None) in kinds:
                if kinds[0] == gpt.LINUX_ROOT or _has_ext2(v):
                    return v
    if every:
        _log(klog.WARN, "no root: there is no ext2 on %s" % " ".join(v.name for v in every))
    return None


def _is(volume, wanted):
    """Whether root=wanted means this block device."""
    how, _, what = wanted.partition("=")
    if how == "PARTUUID":
        return getattr(volume, "guid", None) == what.lower()
    if how == "PARTLABEL":
        return getattr(volume, "label", None) == what
    return volume.name == wanted


def _has_ext2(volume):
    import partition

    size = volume.ioctl(5, 0)
    try:
        block = partition.read(volume, _MAGIC_AT // size)
    except OSError as why:
        _log(klog.ERROR, "%s: %s" % (volume.name, _text(why)))
        return False
    return block[_MAGIC_AT % size :][:2] == _MAGIC


def find_esp(found, root):
    """The EFI system partition: on the root's disk if there is one, else the first."""
    import gpt
    import mbr

    kinds = (gpt.EFI, mbr.EFI)
    every = [v for group in found for v in group if getattr(v, "type", None) in kinds]
    for v in every:
        if v.disk is getattr(root, "disk", None):
            return v
    return every[0] if every else None


def _ext2(volume, text):
    from ext2 import VfsExt2

    return VfsExt2(volume, sizes=True, **flags(text))


def _fat(volume, _):
    return vfs.VfsFat(volume)


def _mounted(volume, where, make, text):
    """Whether the file system of a block device is at `where` now."""
    try:
        fs = make(volume, text)
        vfs.mount(fs, where, readonly=bool(volume.read_only))
    except (OSError, ValueError, MemoryError) as why:
        _log(klog.ERROR, "%s is not mounted at %s: %s" % (volume.name, where, _text(why)))
        return False
    _found[volume.name] = fs
    _log(klog.INFO, "%s is at %s" % (volume.name, where))
    return True


def place(name):
    """Where the file system of a block device is mounted now, or None."""
    wanted = _found.get(name)
    for fs, where in vfs.mount():
        if fs is wanted:
            return where
    return None


def stop():
    """Unmount everything, the last first: what waits is written, the disks are marked clean."""
    try:
        os.chdir("/")
    except OSError as why:  # the root's disk is gone: the others still want to be written
        _log(klog.ERROR, "/: %s" % why)
    for fs, where in reversed(vfs.mount()):
        try:
            vfs.umount(where)
        except Exception as why:
            _log(klog.ERROR, "%s: %s" % (where, why))
    _found.clear()


def _text(why):
    return why.args[1] if len(why.args) > 1 else str(why)


def _log(level, text):
    klog.log(level, "mounts: " + text)
