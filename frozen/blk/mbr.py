"""Partition tables of the PC: a master boot record, extended partitions (UEFI 2.10 §5.2).

Block numbers count the disk's own blocks, as the tools of Linux make them on 4096-byte sectors.
"""

import struct

from micropython import const

import partition

_ENTRY = const(446)  # the first of four, 16 bytes each
_SIGNATURE = b"\x55\xaa"  # at 510
_DISK_ID = const(440)
_PROTECTIVE = const(0xEE)
_EXTENDED = (0x05, 0x0F, 0x85)
_LOGICAL_MOST = const(128)  # partitions of one chain

EFI = "0xef"
LINUX = "0x83"


def entries(block):
    """[(type, first, count), …] of the four entries of a boot record, or None for no record.

    A boot sector of FAT has the signature, too, but text where the entries would be: each must
    begin with 0 or 0x80.
    """
    if bytes(block[510:512]) != _SIGNATURE:
        return None
    found = []
    for at in range(_ENTRY, 510, 16):
        if block[at] & 0x7F:
            return None
        first, count = struct.unpack_from("<II", block, at + 8)
        found.append((block[at + 4], first, count))
    return found


def protective(block):
    """Whether block 0 says that the disk has a GPT: an entry of type 0xEE (§5.2.3)."""
    found = entries(block)
    return bool(found) and any(kind == _PROTECTIVE for kind, _, _ in found)


def partitions(disk, block=None):
    """Partitions of a disk, primary ones 1 to 4, logical ones from 5; [] where there is no record.

    block: block 0, if read already.  Raises OSError where the disk cannot be read; what is wrong
    with a single entry or an extended partition is logged, and that one left out.
    """
    block = block or partition.read(disk, 0)
    last = disk.ioctl(4, 0) - 1
    serial = struct.unpack_from("<I", block, _DISK_ID)[0]
    found = []
    chains = []
    for n, (kind, first, count) in enumerate(entries(block) or ()):
        if kind in _EXTENDED and count:
            chains.append((n + 1, first, count))
        elif kind and count:
            found.append(_partition(disk, first, count, n + 1, kind, serial))
    for n, first, count in chains:
        if first < 1 or first + count - 1 > last:
            partition.log(disk, "extended partition %d refused: past the disk's end" % n)
            continue
        start = max([4] + [p.number for p in found]) + 1
        found += _logical(disk, first, count, start, serial)
    return partition.sound(disk, found, 1, last)


def _partition(disk, first, count, number, kind, serial):
    guid = "%08x-%02x" % (serial, number)
    return partition.Partition(disk, first, count, number, type="0x%02x" % kind, guid=guid)


def _logical(disk, base, size, number, serial):
    """The chain of an extended partition: each record has a partition and leads to the next."""
    found = []
    seen = []
    at = base
    while len(seen) < _LOGICAL_MOST:
        seen.append(at)
        try:
            record = entries(partition.read(disk, at))
            if record is None:
                raise OSError(partition.EUCLEAN, "block %d is no boot record" % at)
        except OSError as why:
            partition.log(disk, "extended partition: the chain ends early: %s" % why.args[1])
            return found
        kind, first, count = record[0]
        if kind and count:
            if at + first <= at or at + first + count > base + size:
                text = "partition %d refused: it leaves the extended partition"
                partition.log(disk, text % number)
            else:
                found.append(_partition(disk, at + first, count, number, kind, serial))
            number += 1
        kind, first, count = record[1]
        if kind not in _EXTENDED or not count:
            return found
        at = base + first
        if at in seen:
            partition.log(disk, "extended partition: the chain returns to block %d" % at)
            return found
        if at >= base + size:
            partition.log(disk, "extended partition: block %d is outside of it" % at)
            return found
    partition.log(disk, "extended partition: more than %d in the chain" % _LOGICAL_MOST)
    return found
