"""QEMU's table loader: the script by which a firmware joins the files of fw_cfg into ACPI tables.

Commands of 128 bytes (QEMU hw/acpi/bios-linker-loader.c).  Not done: WRITE_POINTER, which tells
QEMU an address.
"""

import struct

from micropython import const

from fwcfg import text

_COMMAND = const(128)
_ALLOCATE = const(1)
_ADD_POINTER = const(2)
_ADD_CHECKSUM = const(3)
_WRITE_POINTER = const(4)
_COMMANDS = const(4096)
_ALIGN = const(0x10000)
_PAGE = const(0x1000)


class LoaderError(ValueError):
    """A script that is none or that does not fit its files."""


def _commands(script):
    """(number, (arguments)) of each command."""
    if len(script) % _COMMAND or len(script) > _COMMANDS * _COMMAND:
        raise LoaderError("script of %d bytes" % len(script))
    for at in range(0, len(script), _COMMAND):
        number = struct.unpack_from("<I", script, at)[0]
        body = script[at + 4 : at + _COMMAND]
        if number == _ALLOCATE:
            yield number, (text(body[:56]),) + struct.unpack_from("<I", body, 56)
        elif number == _ADD_POINTER:
            names = (text(body[:56]), text(body[56:112]))
            yield number, names + struct.unpack_from("<IB", body, 112)
        elif number == _ADD_CHECKSUM:
            yield number, (text(body[:56]),) + struct.unpack_from("<III", body, 56)
        elif number != _WRITE_POINTER and number != 0:
            raise LoaderError("command %d at %d" % (number, at))


def run(script, read, place):
    """Run a script.  -> file name -> (address, buffer), which the caller keeps with the tables.

    read(name) -> content of a file.  place(size, align) -> (address, writable buffer).
    Zeros at the end of a file are left out, by pages: QEMU fills its tables up to 128 KiB.
    Raises LoaderError, and what read and place raise.
    """
    commands = list(_commands(script))
    used = {}
    for number, args in commands:
        if number == _ADD_POINTER:
            used[args[0]] = max(used.get(args[0], 0), args[2] + args[3])
        elif number == _ADD_CHECKSUM:
            used[args[0]] = max(used.get(args[0], 0), args[2] + args[3], args[1] + 1)
    files = {}
    for number, args in commands:
        if number == _ALLOCATE:
            _allocate(files, args, read, place, used.get(args[0], 0))
        elif number == _ADD_POINTER:
            _add_pointer(files, args)
        elif number == _ADD_CHECKSUM:
            _add_checksum(files, args)
    return files


def _allocate(files, args, read, place, used):
    name, align = args
    if name in files or not 0 < align <= _ALIGN or align & (align - 1):
        raise LoaderError("%s allocated twice, or aligned to %d" % (name, align))
    content = memoryview(read(name))
    size = len(content)
    if used > size:
        raise LoaderError("%s has %d bytes, not %d" % (name, size, used))
    zeros = bytes(_PAGE)
    while size - _PAGE >= used and size > _PAGE and content[size - _PAGE : size] == zeros:
        size -= _PAGE
    address, buf = place(max(size, 1), align)
    buf[:size] = content[:size]
    files[name] = (address, buf)


def _file(files, name):
    if name not in files:
        raise LoaderError("%s is not allocated" % name)
    return files[name]


def _add_pointer(files, args):
    name, target, offset, size = args
    buf = _file(files, name)[1]
    if size not in (1, 2, 4, 8) or offset + size > len(buf):
        raise LoaderError("pointer of %d bytes at %d of %s" % (size, offset, name))
    value = int.from_bytes(bytes(buf[offset : offset + size]), "little")
    value += _file(files, target)[0]
    if value >> 8 * size:
        raise LoaderError("pointer of %d bytes to 0x%x" % (size, value))
    buf[offset : offset + size] = value.to_bytes(size, "little")


def _add_checksum(files, args):
    name, result, start, length = args
    buf = _file(files, name)[1]
    if result >= len(buf) or start + length > len(buf):
        raise LoaderError("checksum at %d of %s" % (result, name))
    buf[result] = (buf[result] - sum(buf[start : start + length])) & 0xFF
