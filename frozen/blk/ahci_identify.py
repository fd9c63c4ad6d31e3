"""What a disk says of itself: IDENTIFY DEVICE, IDENTIFY PACKET DEVICE (ATA8-ACS §7.16, §7.17)."""

import struct

from micropython import const

_BYTES = const(512)


def _text(data, first, last):
    """Words hold two characters each, the first in the high byte."""
    swapped = bytearray(2 * (last - first + 1))
    for i in range(0, len(swapped), 2):
        swapped[i] = data[2 * first + i + 1]
        swapped[i + 1] = data[2 * first + i]
    return "".join(chr(c) if 32 <= c < 127 else "?" for c in bytes(swapped).rstrip(b"\0 "))


class Identity:
    """Decoded IDENTIFY data: 512 bytes.  Raises ValueError for what no disk says.

    model, serial, firmware: text.  blocks: of block_size bytes; physical_size: of the medium's own
    sectors, aligned: the logical block that starts one.  lba48, fua, flush (the command, or None),
    write_cache, trim_zeroes.  trim_blocks: 512-byte lists of ranges that one TRIM takes, 0 for
    none.  depth: NCQ tags, 0 for none.  rotation: 1 for solid state, else r/min, 0 unknown.
    locked, frozen: the ATA security state.  removable.
    """

    def __init__(self, data, packet=False):
        if len(data) != _BYTES:
            raise ValueError("IDENTIFY has 512 bytes")
        w = struct.unpack("<256H", data)
        if data[510] == 0xA5 and sum(data) & 0xFF:  # §7.16.7.88
            raise ValueError("IDENTIFY has a bad checksum")
        self.packet = packet
        self.serial = _text(data, 10, 19)
        self.firmware = _text(data, 23, 26)
        self.model = _text(data, 27, 46)
        self.removable = bool(w[0] & 0x80)
        sets = (
            w[83] if w[83] >> 14 == 1 else 0
        )  # word 83 bits 15:14 are 01 where it means anything
        enabled = w[86] if w[87] >> 14 == 1 else 0
        self.lba48 = bool(sets & 1 << 10)
        self.fua = self.lba48 and w[84] >> 14 == 1 and bool(w[84] & 1 << 6)
        self.write_cache = bool(w[82] & 1 << 5) and bool(w[85] & 1 << 5)
        if self.lba48 and sets & 1 << 13:
            self.flush = 0xEA
        else:
            self.flush = 0xE7 if sets & 1 << 12 or enabled & 1 << 12 else None
        self.depth = (w[75] & 0x1F) + 1 if w[76] not in (0, 0xFFFF) and w[76] & 1 << 8 else 0
        self.smart = bool(w[82] & 1)
        self.security = bool(w[82] & 2)
        self.locked = self.security and bool(w[128] & 4)
        self.frozen = self.security and bool(w[128] & 8)
        self.rotation = w[217] if w[217] not in (0xFFFF,) else 0
        self._sizes(w)
        trim = bool(w[169] & 1) and not packet
        self.trim_blocks = max(1, w[105]) if trim else 0
        self.trim_zeroes = trim and w[69] & 0x4020 == 0x4020

    def _sizes(self, w):
        self.block_size = 512
        self.physical_size = 512
        self.aligned = 0
        self.blocks = 0
        if self.packet:
            return
        if w[106] >> 14 == 1:
            if w[106] & 1 << 12:
                self.block_size = 2 * (w[117] | w[118] << 16)
            self.physical_size = self.block_size
            if w[106] & 1 << 13:
                self.physical_size = self.block_size << (w[106] & 0xF)
            if w[209] >> 14 == 1:
                shift = (1 << (w[106] & 0xF)) - (w[209] & 0x3FFF)
                self.aligned = shift % (1 << (w[106] & 0xF))
        if not w[49] & 1 << 9:
            raise ValueError("%s: no LBA" % self.model)
        if self.lba48:
            self.blocks = w[100] | w[101] << 16 | w[102] << 32 | w[103] << 48
        else:
            self.blocks = w[60] | w[61] << 16
        if self.block_size not in (512, 1024, 2048, 4096) or not 0 < self.blocks < 1 << 48:
            raise ValueError(
                "%s: %d blocks of %d bytes" % (self.model, self.blocks, self.block_size)
            )

    def same(self, other):
        """Whether the other data came from the same disk."""
        return (self.model, self.serial, self.blocks, self.block_size) == (
            other.model,
            other.serial,
            other.blocks,
            other.block_size,
        )

    def __str__(self):
        size = self.blocks * self.block_size >> 20
        parts = ["%r serial %r firmware %r" % (self.model, self.serial, self.firmware)]
        if not self.packet:
            parts.append("%d MiB" % size)
            parts.append("%d-byte blocks" % self.block_size)
            if self.physical_size != self.block_size:
                parts.append("on %d-byte sectors" % self.physical_size)
            parts.append("NCQ %d" % self.depth if self.depth else "no NCQ")
            for name, on in (
                ("TRIM", self.trim_blocks),
                ("FUA", self.fua),
                ("write cache", self.write_cache),
                ("28-bit addresses", not self.lba48),
                ("locked", self.locked),
            ):
                if on:
                    parts.append(name)
        return ", ".join(parts)
