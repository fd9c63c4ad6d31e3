"""Models of QEMU's teaching device: sound, and with faults that another hypervisor might have."""

import sys

import mmio
from probe.trace import on

import edu_driver


class Edu:
    """polls: how often BUSY is seen after a factorial was asked for."""

    polls = 2

    def __init__(self):
        self.words = {0x00: 0x010000ED, 0x24: 0}
        self.busy = 0

    def read(self, off, bits):
        if off == 0x20 and self.busy:
            self.busy -= 1
            return 1
        return self.words.get(off, 0)

    def write(self, off, bits, value):
        if off == 0x04:
            value ^= 0xFFFFFFFF
        elif off == 0x08:
            self.busy = self.polls
            result = 1
            for i in range(2, value + 1):
                result = result * i & 0xFFFFFFFF
            value = result
        elif off == 0x60:
            off, value = 0x24, self.words[0x24] | value
        elif off == 0x64:
            off, value = 0x24, self.acknowledged(value)
        self.words[off] = value

    def acknowledged(self, bits):
        return self.words[0x24] & ~bits


class Slow(Edu):
    """Sound, and busy for longer."""

    polls = 40


class Deaf(Edu):
    """Its interrupt cannot be taken back."""

    def acknowledged(self, bits):
        return self.words[0x24]


def record(model, stream):
    """The session of edu_driver on a model, as JSON lines."""
    regs = mmio.Regs(0x1000, 0x100, 32, type(model).__name__.lower(), model)
    with on(regs, edu_driver.MAP) as t:
        edu_driver.session(regs)
    t.export(stream)


if __name__ == "__main__":
    record({"sound": Edu, "slow": Slow, "deaf": Deaf}[sys.argv[1]](), sys.stdout)
