"""modules/loaderc for unit tests: MD5 and a stream over pieces, in Python."""

import io
import struct

try:
    from hashlib import md5
except ImportError:  # MicroPython's unix port has none
    from math import floor, sin

    class md5:
        """RFC 1321 over all that was given, at the end."""

        def __init__(self):
            self._data = b""

        def update(self, data):
            self._data += bytes(data)

        def digest(self):
            n = len(self._data)
            data = self._data + b"\x80" + bytes((55 - n) % 64) + struct.pack("<Q", 8 * n)
            state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476]
            for at in range(0, len(data), 64):
                _block(state, struct.unpack("<16I", data[at : at + 64]))
            return struct.pack("<4I", *state)

    _SINES = [floor(abs(sin(i + 1)) * (1 << 32)) for i in range(64)]
    _TURNS = ((7, 12, 17, 22), (5, 9, 14, 20), (4, 11, 16, 23), (6, 10, 15, 21))

    def _block(state, x):
        a, b, c, d = state
        for i in range(64):
            if i < 16:
                f, k = b & c | ~b & d, i
            elif i < 32:
                f, k = d & b | ~d & c, (5 * i + 1) % 16
            elif i < 48:
                f, k = b ^ c ^ d, (3 * i + 5) % 16
            else:
                f, k = c ^ (b | ~d & 0xFFFFFFFF), 7 * i % 16
            v = (a + f + _SINES[i] + x[k]) & 0xFFFFFFFF
            by = _TURNS[i // 16][i % 4]
            a, d, c, b = d, c, b, (b + (v << by | v >> (32 - by))) & 0xFFFFFFFF
        for i, v in enumerate((a, b, c, d)):
            state[i] = (state[i] + v) & 0xFFFFFFFF


class Feed(io.IOBase):
    """A stream over the pieces that more() gives; empty at the end."""

    def __init__(self, more):
        self._more = more
        self._piece = b""

    def readinto(self, buf):
        if not self._piece:
            self._piece = self._more()
        n = min(len(buf), len(self._piece))
        buf[:n] = self._piece[:n]
        self._piece = self._piece[n:]
        return n

    def read(self, n):
        buf = bytearray(n)
        return bytes(buf[: self.readinto(buf)])
