"""Addresses 0 to 0xFFF of READ_REG and WRITE_REG: what the protocol has no operation for.

No memory is there on any machine (page 0 is never mapped).  All are words.
"""

import struct

from micropython import const

from loader_frames import FAILED, Refused

MAGIC = const(0x00)  # RO "PYRX"
VERSION = const(0x04)  # RO 1
CHECK = const(0x08)  # RW 1: requests carry a CRC-32
MEDIA = const(0x0C)  # RO how many there are
MEDIUM = const(0x10)  # RW which one the flash operations mean
KIND = const(0x14)  # RO of it: 0 disk, 1 ESP, 2 root, 3 other partition; bit 8 read-only
SIZE_LO = const(0x18)  # RO bytes
SIZE_HI = const(0x1C)
BLOCK = const(0x20)  # RO bytes
WINDOW_LO = const(0x24)  # RW byte of the medium that address 0 of the flash operations means
WINDOW_HI = const(0x28)
NAME = const(0x40)  # RO 64 bytes of text
NAME_END = const(0x80)
REASON = const(0x80)  # RO 128 bytes of text: why the last refused request was
REASON_END = const(0x100)
END = const(0x1000)

_MAGIC = const(0x58525950)


class Registers:
    """media: [Medium, …].  strict, window, medium (None without any), reason: what they say."""

    def __init__(self, media):
        self._media = media
        self.reset()

    def reset(self):
        """As a client expects to find them."""
        self.strict = False
        self.window = 0
        self.reason = ""
        self._index = 0

    @property
    def medium(self):
        """The chosen Medium.  Raises Refused where there is no disk."""
        if not self._media:
            raise Refused(FAILED, "this machine has no disk")
        return self._media[self._index]

    def read(self, at):
        """The value of a register.  Raises Refused."""
        if NAME <= at < NAME_END:
            return _word(self.medium.name, at - NAME)
        if REASON <= at < REASON_END:
            return _word(self.reason, at - REASON)
        if at == MAGIC:
            return _MAGIC
        if at == VERSION:
            return 1
        if at == CHECK:
            return int(self.strict)
        if at == MEDIA:
            return len(self._media)
        if at == MEDIUM:
            return self._index
        if at == KIND:
            return self.medium.kind | int(self.medium.read_only) << 8
        if at == SIZE_LO:
            return self.medium.size & 0xFFFFFFFF
        if at == SIZE_HI:
            return self.medium.size >> 32
        if at == BLOCK:
            return self.medium.block
        if at == WINDOW_LO:
            return self.window & 0xFFFFFFFF
        if at == WINDOW_HI:
            return self.window >> 32
        raise Refused(FAILED, "there is no register 0x%x" % at)

    def write(self, at, value, mask):
        """Change the bits of a mask.  Raises Refused."""
        value = self.read(at) & ~mask | value & mask
        if at == CHECK and value <= 1:
            self.strict = bool(value)
        elif at == MEDIUM and value < len(self._media):
            self._index = value
            self.window = 0
        elif at == WINDOW_LO:
            self.window = self.window >> 32 << 32 | value
        elif at == WINDOW_HI:
            self.window = value << 32 | self.window & 0xFFFFFFFF
        else:
            raise Refused(FAILED, "register 0x%x does not take 0x%x" % (at, value))


def _word(text, at):
    return struct.unpack("<I", (text.encode()[at : at + 4] + bytes(4))[:4])[0]
