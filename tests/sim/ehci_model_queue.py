"""A queue head of EHCI, read from memory by the model of a controller (EHCI 1.0 §3.6)."""

import struct

import dma

SPEEDS = ("full", "low", "high")


def words(at, count):
    buf, off = dma.find(at, 4 * count)
    return list(struct.unpack("<%dI" % count, bytes(buf[off : off + 4 * count])))


def put(at, *values):
    buf, off = dma.find(at, 4 * len(values))
    struct.pack_into("<%dI" % len(values), buf, off, *values)


class Queue:
    """A queue head, read from memory."""

    def __init__(self, at):
        self.at = at
        (self.link, self.character, self.capabilities, self.current, self.next, self.alt) = words(
            at, 6
        )
        self.token = words(at + 0x18, 1)[0]
        self.address = self.character & 127
        self.endpoint = self.character >> 8 & 15
        self.speed = SPEEDS[self.character >> 12 & 3]
        self.mps = self.character >> 16 & 0x7FF
        self.by_qtd = bool(self.character >> 14 & 1)
        self.control = self.by_qtd
        self.smask = self.capabilities & 0xFF
        self.cmask = self.capabilities >> 8 & 0xFF

    def write(self):
        put(self.at + 0x0C, self.current, self.next, self.alt, self.token)
