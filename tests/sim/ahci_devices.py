"""What ahci_model plugs into its ports: a disk and a CD drive (ATA8-ACS, SPC-4, MMC-6).

execute(fis, cdb, tag) gives (status, error, data in or None, bytes wanted out or 0); out(data)
follows where bytes were wanted.
"""

import struct

GOOD, BAD = 0x50, 0x51  # status: ready; with ERR


def _swapped(text, size):
    raw = bytearray(text.encode())
    raw += b" " * (size - len(raw))
    for i in range(0, size, 2):
        raw[i], raw[i + 1] = raw[i + 1], raw[i]
    return raw


class Disk:
    """blocks of block_size bytes, in RAM.  bad: LBAs that cannot be read.  log: (what, lba, n)."""

    signature = 0x00000101

    def __init__(self, blocks=4096, block_size=512, physical=0, depth=32, serial="S1", lba48=True):
        self.block_size = block_size
        self.physical = physical or block_size
        self.depth = depth
        self.serial = serial
        self.lba48 = lba48
        self.blocks = blocks
        self.data = bytearray(blocks * block_size)
        self.bad = set()
        self.log = []
        self.trim = True
        self.fua = True
        self.page = bytes(512)  # NCQ error log
        self._out = None

    def identify(self):
        w = bytearray(512)

        def word(n, value):
            struct.pack_into("<H", w, 2 * n, value)

        blocks = self.blocks
        w[20:40] = _swapped(self.serial, 20)
        w[46:54] = _swapped("1.0", 8)
        w[54:94] = _swapped("MODEL DISK", 40)
        word(49, 0x300)
        struct.pack_into("<I", w, 120, min(blocks, 0xFFFFFFF))
        word(75, max(0, self.depth - 1))
        word(76, 0x100 if self.depth else 0)
        word(82, 1 << 5 | 1)
        word(83, 0x4000 | (0x3400 if self.lba48 else 0x1000))
        word(84, 0x4000 | (1 << 6 if self.fua else 0))
        word(85, 1 << 5)
        word(86, 0x1000)
        word(87, 0x4000)
        if self.lba48:
            struct.pack_into("<Q", w, 200, blocks)
        shift = 0
        while self.block_size << shift < self.physical:
            shift += 1
        word(
            106,
            0x4000 | (1 << 12 if self.block_size > 512 else 0) | (1 << 13 if shift else 0) | shift,
        )
        struct.pack_into("<I", w, 234, self.block_size // 2)
        word(105, 1)
        word(169, int(self.trim))
        word(217, 1)
        w[510] = 0xA5
        w[511] = -sum(w) & 0xFF
        return bytes(w)

    def span(self, fis):
        """(what, lba, blocks) of a read or write; None of something else."""
        command = fis[2]
        lba = fis[4] | fis[5] << 8 | fis[6] << 16
        high = fis[8] << 24 | fis[9] << 32 | fis[10] << 40
        if command in (0x60, 0x61):
            what, count = "rw"[command & 1], (fis[3] | fis[11] << 8) or 65536
        elif command in (0x25, 0x35, 0x3D):
            what, count = "r" if command == 0x25 else "w", (fis[12] | fis[13] << 8) or 65536
        elif command in (0xC8, 0xCA):
            what, count, high = "rw"[command >> 1 & 1], fis[12] or 256, (fis[7] & 15) << 24
        else:
            return None
        return what, lba | high, count

    def execute(self, fis, cdb=b""):
        command = fis[2]
        span = self.span(fis)
        if span:
            return self._transfer(*span)
        if command == 0xEC:
            return GOOD, 0, self.identify(), 0
        if command in (0xEA, 0xE7):
            self.log.append(("f", 0, 0))
            return GOOD, 0, None, 0
        if command == 0x2F and fis[4] == 0x10:
            page, self.page = self.page, bytes(512)
            return GOOD, 0, page, 0
        if command == 0x06 and fis[3] == 1:
            self._out = self._trim
            return GOOD, 0, None, 512
        return BAD, 4, None, 0

    def _transfer(self, what, lba, count):
        at, size = lba * self.block_size, count * self.block_size
        if at + size > len(self.data):
            return BAD, 0x10, None, 0
        if [n for n in self.bad if lba <= n < lba + count]:
            return BAD, 0x40, None, 0
        self.log.append((what, lba, count))
        if what == "r":
            return GOOD, 0, bytes(memoryview(self.data)[at : at + size]), 0
        self._out = lambda data: self._store(at, data)
        return GOOD, 0, None, size

    def _store(self, at, data):
        self.data[at : at + len(data)] = data

    def _trim(self, data):
        for i in range(0, 512, 8):
            entry = int.from_bytes(data[i : i + 8], "little")
            lba, count = entry & (1 << 48) - 1, entry >> 48
            if count:
                self.log.append(("t", lba, count))
                self._store(lba * self.block_size, bytes(count * self.block_size))

    def out(self, data):
        self._out(data)


class Cd:
    """blocks of 2048 bytes; data None: no disc.  says: senses to report
    next, each (key, code, qualifier)."""

    signature = 0xEB140101
    depth = 0
    serial = "C1"

    def __init__(self, data):
        self.data = data
        self.says = []
        self.bad = set()
        self.sense = (0, 0, 0)
        self.log = []

    def span(self, fis):
        return None

    def _check(self, *sense):
        self.sense = sense
        return BAD, sense[0] << 4 | 4, None, 0

    def execute(self, fis, cdb=b""):
        if fis[2] == 0xA1:
            w = bytearray(512)
            w[0:2] = b"\x80\x85"
            w[54:94] = _swapped("MODEL DVD", 40)
            return GOOD, 0, bytes(w), 0
        if fis[2] != 0xA0:
            return BAD, 4, None, 0
        op = cdb[0]
        self.log.append(op)
        if op == 0x12:
            return GOOD, 0, b"\x05\x80\x05\x21\x1f\0\0\0MODEL   DVD drive       1.00", 0
        if op == 0x03:
            key, code, qualifier = self.sense
            self.sense = (0, 0, 0)
            return (
                GOOD,
                0,
                bytes((0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, code, qualifier, 0, 0, 0, 0)),
                0,
            )
        if self.says:
            return self._check(*self.says.pop(0))
        if self.data is None:
            return self._check(2, 0x3A, 0)
        if op == 0x00:
            return GOOD, 0, None, 0
        if op == 0x25:
            return GOOD, 0, struct.pack(">II", len(self.data) // 2048 - 1, 2048), 0
        if op == 0xA8:
            lba, count = struct.unpack_from(">II", cdb, 2)
            if (lba + count) * 2048 > len(self.data):
                return self._check(5, 0x21, 0)
            if [n for n in self.bad if lba <= n < lba + count]:
                return self._check(3, 0x11, 0)
            return GOOD, 0, bytes(self.data[lba * 2048 : (lba + count) * 2048]), 0
        return self._check(5, 0x20, 0)
