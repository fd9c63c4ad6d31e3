"""Write into a paused machine's memory: a client of QEMU's gdb stub, of two packets."""

import socket
import time
from pathlib import Path

_PIECE = 1024


class Gdb:
    """Connects to the stub at a UNIX socket's path (QEMU: -gdb unix:PATH,server=on,wait=off)."""

    def __init__(self, path: Path, timeout: float = 20):
        end = time.monotonic() + timeout
        while True:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.settimeout(timeout)
            try:
                self._socket.connect(str(path))
                return
            except OSError:
                self._socket.close()
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def _ask(self, text: str) -> str:
        packet = f"${text}#{sum(text.encode()) & 0xFF:02x}"
        self._socket.sendall(packet.encode())
        got = b""
        while b"#" not in got or len(got) < got.index(b"#") + 3:
            more = self._socket.recv(4096)
            assert more, "the gdb stub closed the line"
            got += more
        self._socket.sendall(b"+")
        return got[got.index(b"$") + 1 : got.index(b"#")].decode()

    def write(self, address: int, data: bytes) -> None:
        """Store bytes at an address.  Raises AssertionError where the stub refuses."""
        self._ask("?")
        for at in range(0, len(data), _PIECE):
            piece = data[at : at + _PIECE]
            answer = self._ask(f"M{address + at:x},{len(piece):x}:{piece.hex()}")
            assert answer == "OK", answer

    def go(self) -> None:
        """Detach; the machine runs."""
        assert self._ask("D") == "OK"
        self._socket.close()
