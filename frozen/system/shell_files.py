"""ush: ls, load, save.  A device is a part of the tree that Python sees."""

import errno
import os
import time

import rawmem

from shell import Failed, Usage, reason
from shell_memory import number, store

_BUFFER = 65536
_KIND = 0xF000  # of a mode
_DIR = 0x4000
_DISKS = ("sata", "scsi", "ahci")


def place(interface, device):
    """The folder that a device is: "" for the tree's root.  Raises Failed."""
    if interface == "vfs":
        return ""
    if interface == "ram":
        return "/ram"
    if interface in _DISKS:
        import mounts

        disk, _, part = device.partition(":")
        name = "sd%s%s" % (disk or "0", "p" + part if part not in ("", "0") else "")
        where = mounts.place(name)
        if where:
            return where.rstrip("/")
    raise Failed("** Bad device specification %s %s **" % (interface, device))


def _path(words):
    """The path that a name on a device means; words: interface, device, name."""
    interface, device, name = words
    return place(interface, device) + (name if name.startswith("/") else "/" + name)


def do_ls(sh, words):
    if len(words) == 2 and words[1].startswith("/"):
        path = words[1]
    elif 2 <= len(words) <= 4:
        path = _path((words[1:] + ["0", "/"][len(words) - 2 :])[:3])
    else:
        raise Usage
    folder = path.rstrip("/")
    files = folders = 0
    try:
        for name in sorted(os.listdir(folder or "/")):
            stat = os.stat("%s/%s" % (folder, name))
            if stat[0] & _KIND == _DIR:
                folders += 1
                sh.say("            %s/" % name)
            else:
                files += 1
                sh.say(" %8d   %s" % (stat[6], name))
    except OSError as why:
        raise Failed("** Cannot read %s: %s **" % (path, reason(why)))
    sh.say("\n%d file(s), %d dir(s)\n" % (files, folders))


def do_load(sh, words):
    if not 2 <= len(words) <= 7:
        raise Usage
    interface, device, address, name, limit, skip = (words[1:] + [""] * 6)[:6]
    addr = number(address or sh.env.get("loadaddr", "0"))
    name = name or sh.env.get("bootfile", "")
    if not name:
        raise Failed("** No boot file defined **")
    limit = number(limit) if limit else 0
    path = _path((interface, device or "0", name))
    start = time.time_ns()
    try:
        with open(path, "rb") as file:
            if skip:
                file.seek(number(skip))
            done = _to_memory(file, addr, limit)
    except OSError as why:
        what = "File not found" if why.errno == errno.ENOENT else "Unable to read file"
        sh.say("** %s %s **" % (what, name))
        raise Failed("Failed to load '%s': %s" % (name, reason(why)))
    if limit and done < limit:
        sh.say("** %s shorter than offset + len **" % name)
    sh.say("%d bytes read in %s" % (done, _rate(done, start)))
    sh.env["fileaddr"] = "%x" % addr
    sh.env["filesize"] = "%x" % done


def _to_memory(file, addr, limit):
    """Copy a file, `limit` bytes at most (0: all), to memory; how many those were."""
    buf = memoryview(bytearray(_BUFFER))
    done = 0
    while not limit or done < limit:
        n = file.readinto(buf[: min(_BUFFER, limit - done)] if limit else buf)
        if not n:
            break
        store(rawmem.write, addr + done, buf[:n])
        done += n
    return done


def do_save(sh, words):
    if not 6 <= len(words) <= 7:
        raise Usage
    addr, size = number(words[3]), number(words[5])
    path = _path((words[1], words[2], words[4]))
    start = time.time_ns()
    try:
        pieces = _pieces(addr, size)
        piece = next(pieces)  # before the file is emptied: nothing may answer there
        with open(path, "r+b" if len(words) > 6 else "wb") as file:
            if len(words) > 6:
                file.seek(number(words[6]))
            while piece:
                file.write(piece)
                piece = next(pieces)
    except OSError as why:
        raise Failed("** Unable to write file %s: %s **" % (words[4], reason(why)))
    sh.say("%d bytes written in %s" % (size, _rate(size, start)))


def _pieces(addr, size):
    """Memory in one buffer, piece by piece; an empty one at the end."""
    buf = memoryview(bytearray(min(_BUFFER, size)))
    for at in range(0, size, _BUFFER):
        part = buf[: size - at]
        rawmem.readinto(addr + at, part)
        yield part
    yield b""


def _rate(size, start):
    """Since when, and how fast: "12 ms (1.2 MiB/s)"."""
    ms = (time.time_ns() - start) // 1000000
    return "%d ms" % ms + (" (%s/s)" % _size(size * 1000 // ms) if ms else "")


def _size(n):
    for shift, unit in ((30, "GiB"), (20, "MiB"), (10, "KiB")):
        if n >> shift:
            tenths = (n * 10) >> shift
            return "%d.%d %s" % (tenths // 10, tenths % 10, unit)
    return "%d Bytes" % n
