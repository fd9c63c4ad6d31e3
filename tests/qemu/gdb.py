"""A client of QEMU's gdb stub: write into a paused machine's memory, read its registers."""

import re
import socket
import time
from pathlib import Path

_PIECE = 1024


class Gdb:
    """Connects to the stub at a UNIX socket's path (QEMU: -gdb unix:PATH,server=on,wait=off)."""

    def __init__(self, path: Path, timeout: float = 20):
        end = time.monotonic() + timeout
        self._got = b""
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
        while True:
            answer = self._packet()
            # That the machine stopped is told when it has, between any question and its answer.
            if text == "?" or not answer.startswith("T"):
                return answer

    def _packet(self) -> str:
        while b"#" not in self._got or len(self._got) < self._got.index(b"#") + 3:
            more = self._socket.recv(4096)
            assert more, "the gdb stub closed the line"
            self._got += more
        end = self._got.index(b"#") + 3
        packet, self._got = self._got[:end], self._got[end:]
        self._socket.sendall(b"+")
        return packet[packet.index(b"$") + 1 : -3].decode()

    def write(self, address: int, data: bytes) -> None:
        """Store bytes at an address.  Raises AssertionError where the stub refuses."""
        self._ask("?")
        for at in range(0, len(data), _PIECE):
            piece = data[at : at + _PIECE]
            answer = self._ask(f"M{address + at:x},{len(piece):x}:{piece.hex()}")
            assert answer == "OK", answer

    def _feature(self, name: str) -> str:
        """One of the stub's XML files."""
        text = ""
        while True:
            piece = self._ask(f"qXfer:features:read:{name}:{len(text):x},{_PIECE:x}")
            text += piece[1:]
            if piece[0] == "l":
                return text

    def system_registers(self) -> dict[str, int]:
        """{name: number} of the system registers that QEMU shows.  Pauses the machine."""
        self._ask("?")
        number = 0
        for name in re.findall(r'href="(.*?)"', self._feature("target.xml")):
            found = re.findall(r"<reg (.*?)/>", self._feature(name), re.S)
            if name.startswith("system-registers"):
                names = (re.search(r'name="(.*?)"', reg)[1] for reg in found)
                return {reg: number + i for i, reg in enumerate(names)}
            for reg in found:
                told = re.search(r'regnum="(\d+)"', reg)
                number = (int(told[1]) if told else number) + 1
        raise AssertionError("the stub shows no system registers")

    def register(self, number: int) -> int | None:
        """A register's value; None where the stub lists it and does not read it."""
        answer = self._ask(f"p{number:x}")
        if answer[0] == "E":
            return None
        return int.from_bytes(bytes.fromhex(answer), "little")

    def go(self) -> None:
        """Detach; the machine runs."""
        assert self._ask("D") == "OK"
        self._socket.close()
