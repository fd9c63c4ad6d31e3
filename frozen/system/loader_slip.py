"""SLIP frames (RFC 1055) out of a stream of bytes that may hold anything else, and into it.

A frame is what lies between two END bytes, so that a lost one costs the frame beside it alone.
"""

from micropython import const

_END = b"\xc0"
_ESC = b"\xdb"
_ESC_END = b"\xdb\xdc"
_ESC_ESC = b"\xdb\xdd"
MOST = const(2 * 65536 + 64)  # bytes of a frame on the line; a longer one is dropped
_TAIL = const(16)


def packed(data):
    """The bytes on the line of one frame."""
    return _END + data.replace(_ESC, _ESC_ESC).replace(_END, _ESC_END) + _END


def unpacked(data):
    """What a frame holds, from the bytes between its ENDs; None for an escape that is none."""
    escapes = data.count(_ESC)
    if not escapes:
        return data
    if escapes != data.count(_ESC_END) + data.count(_ESC_ESC):
        return None
    return data.replace(_ESC_END, _END).replace(_ESC_ESC, _ESC)


class Decoder:
    """feed() bytes as they come, next() for the frames.

    open: the bytes since the last END, which may become a frame or be none; of too many the last.
    """

    def __init__(self):
        self._pieces = []
        self._length = 0
        self._ready = []

    @property
    def open(self):
        """What has come of a frame that has not ended."""
        return b"".join(self._pieces)

    def reset(self):
        """Forget everything."""
        self._pieces = []
        self._length = 0
        self._ready = []

    def feed(self, data):
        """Take bytes in."""
        start = 0
        while True:
            end = data.find(_END, start)
            piece = data[start : end if end >= 0 else len(data)] if start or end >= 0 else data
            self._length += len(piece)
            if self._length > MOST:
                self._pieces = [(b"".join(self._pieces) + piece)[-_TAIL:]]
            elif piece:
                self._pieces.append(piece)
            if end < 0:
                return
            start = end + 1
            if 0 < self._length <= MOST:
                frame = unpacked(b"".join(self._pieces))
                if frame is not None:
                    self._ready.append(frame)
            self._pieces = []
            self._length = 0

    def next(self):
        """The oldest frame that is complete, or None."""
        return self._ready.pop(0) if self._ready else None
