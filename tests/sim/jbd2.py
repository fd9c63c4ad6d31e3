"""Builds journals as jbd2 leaves them, for the tests of replay."""

import struct

import ext2c

MAGIC = 0xC03B3998
DESCRIPTOR, COMMIT, SUPER_V1, SUPER_V2, REVOKE = 1, 2, 3, 4, 5


class Log:
    """The blocks of one journal.  checksum: 0, 2 or 3, the version of its checksums."""

    def __init__(self, length, size=1024, wide=False, checksum=0, first=1, at=1, sequence=1):
        self.size, self.wide, self.checksum = size, wide, checksum
        self.length, self.first, self.at, self.sequence = length, first, at, sequence
        self.blocks = [bytearray(size) for _ in range(length)]
        self.seed = ext2c.crc32c(0xFFFFFFFF, bytes(range(16)))
        raw = self.blocks[0]
        struct.pack_into(">8I", raw, 0, MAGIC, SUPER_V2, 0, size, length, first, sequence, at)
        incompat = 1 | 2 * wide | {0: 0, 2: 8, 3: 16}[checksum]
        struct.pack_into(">I", raw, 40, incompat)
        raw[48:64] = bytes(range(16))
        if checksum:
            raw[80] = 4
            struct.pack_into(">I", raw, 252, ext2c.crc32c(0xFFFFFFFF, raw[:1024]))

    def _put(self, block):
        self.blocks[self.at] = block
        self.at = self.first if self.at + 1 == self.length else self.at + 1

    def _head(self, kind):
        block = bytearray(self.size)
        struct.pack_into(">III", block, 0, MAGIC, kind, self.sequence)
        return block

    def _seal(self, block, at):
        if self.checksum:
            struct.pack_into(">I", block, at, ext2c.crc32c(self.seed, block))

    def write(self, contents, uuids=False):
        """A descriptor and copies: contents is a list of (block, bytes)."""
        block = self._head(DESCRIPTOR)
        at = 12
        copies = []
        for i, (number, data) in enumerate(contents):
            data = bytearray(data)
            flags = 8 if i == len(contents) - 1 else 0
            if data[:4] == b"\xc0\x3b\x39\x98":
                data[:4] = bytes(4)
                flags |= 1
            if i or not uuids:
                flags |= 2
            copies.append(data)
            crc = ext2c.crc32c(ext2c.crc32c(self.seed, struct.pack(">I", self.sequence)), data)
            if self.checksum == 3:
                struct.pack_into(">4I", block, at, number & 0xFFFFFFFF, flags, number >> 32, crc)
                at += 16
            else:
                struct.pack_into(">IHH", block, at, number & 0xFFFFFFFF, crc & 0xFFFF, flags)
                if self.wide:
                    struct.pack_into(">I", block, at + 8, number >> 32)
                at += 8 + 4 * self.wide + (2 if self.checksum == 2 else 0)
            if not flags & 2:
                at += 16
        self._seal(block, self.size - 4)
        self._put(block)
        for data in copies:
            self._put(data)

    def revoke(self, numbers):
        """A block of revocations."""
        block = self._head(REVOKE)
        size = 8 if self.wide else 4
        struct.pack_into(">I", block, 12, 16 + size * len(numbers))
        for i, number in enumerate(numbers):
            struct.pack_into(">Q" if self.wide else ">I", block, 16 + size * i, number)
        self._seal(block, self.size - 4)
        self._put(block)

    def commit(self):
        """The end of a transaction."""
        block = self._head(COMMIT)
        self._seal(block, 16)
        self._put(block)
        self.sequence = self.sequence + 1 & 0xFFFFFFFF
