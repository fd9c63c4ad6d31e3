"""MicroPython's deflate: its own on the unix port, what the loader uses of it on CPython."""

try:
    from udeflate import ZLIB, DeflateIO
except ImportError:
    import zlib

    ZLIB = 2

    class DeflateIO:
        """Reads a zlib stream.  Raises OSError where it is none, EOFError where it ends early."""

        def __init__(self, stream, format):
            self._stream = stream
            self._zlib = zlib.decompressobj()
            self._out = bytearray()

        def _more(self, n):
            while len(self._out) < n and not self._zlib.eof:
                piece = self._stream.read(4096)
                if not piece:
                    raise EOFError
                try:
                    self._out += self._zlib.decompress(piece)
                except zlib.error:
                    raise OSError(22)

        def readinto(self, buf):
            self._more(len(buf))
            n = min(len(buf), len(self._out))
            buf[:n] = self._out[:n]
            self._out = self._out[n:]
            return n

        def read(self):
            self._more(1 << 62)
            return bytes(self._out)
