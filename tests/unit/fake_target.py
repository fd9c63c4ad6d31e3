"""A target that speaks the raw REPL over a socket, with the ill manners a test asks for."""

import contextlib
import io
import socket
import threading
import traceback
from dataclasses import dataclass

BANNER = b"raw REPL; CTRL-B to exit\r\n>"


@dataclass
class Manners:
    """deaf: swallow so many interrupts before answering.  noise: sent before each answer.
    split: answer byte by byte.  paste: understand raw paste.  window: its grant.
    panic: sent after the output of code whose name `panic` is true; then nothing more is said."""

    deaf: int = 0
    noise: bytes = b""
    split: bool = False
    paste: bool = True
    window: int = 32
    hang_up: bool = False
    silent: bool = False
    abort_paste: bool = False
    panic: bytes = b""


class FakeTarget:
    """fd: the client's end.  Runs code with CPython's exec; pastes: sizes of what arrived."""

    def __init__(self, manners: Manners | None = None):
        self.manners = manners or Manners()
        self._client, self._line = socket.socketpair()
        self.fd = self._client.detach()
        self.globals: dict = {"__name__": "__main__"}
        self.overruns = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _send(self, data: bytes) -> None:
        pieces = [bytes([byte]) for byte in data] if self.manners.split else [data]
        for piece in pieces:
            self._line.sendall(piece)

    def _byte(self) -> bytes:
        got = self._line.recv(1)
        if not got:
            raise EOFError
        return got

    def _serve(self) -> None:
        try:
            self._repl()
        except (EOFError, OSError):
            pass

    def _repl(self) -> None:
        raw, line = False, bytearray()
        while True:
            key = self._byte()
            if self.manners.hang_up:
                self._line.close()
                return
            if self.manners.silent:
                continue
            if key == b"\x03":
                line.clear()
                self.manners.deaf -= 1
            elif self.manners.deaf > 0:
                continue
            elif key == b"\x01":
                raw = True
                line.clear()
                self._send(self.manners.noise + BANNER)
            elif key == b"\x02":
                raw = False
                self._send(b"\r\nMicroPython fake\r\n>>> ")
            elif not raw and key == b"\r":
                self._send(b"\r\n>>> ")
            elif raw and key == b"\x04":
                self._end_of_code(line)
                line.clear()
            elif raw and key == b"A" and line == b"\x05":
                line.clear()
                if self._byte() == b"\x01" and self._paste():
                    self._send(b">")
            else:
                line += key

    def _end_of_code(self, line: bytearray) -> None:
        if not line.strip():
            self._send(b"OK\r\nMPY: soft reboot\r\n" + BANNER)
            return
        self._send(b"OK")
        self._run(bytes(line))
        self._send(b">")

    def _paste(self) -> bool:
        if not self.manners.paste:
            self._send(BANNER)
            return False
        window = self.manners.window
        self._send(b"R\x01" + window.to_bytes(2, "little"))
        code, room, used = bytearray(), window, 0
        if self.manners.abort_paste:
            self._send(b"\x04")
            while self._byte() != b"\x04":
                pass
            self._send(b"\x04SyntaxError: too much\r\n\x04")
            return True
        while (key := self._byte()) != b"\x04":
            code += key
            used += 1
            room -= 1
            if room < 0:
                self.overruns += 1
            if used == window:
                used = 0
                room += window
                self._send(b"\x01")
        self._send(b"\x04")
        self._run(bytes(code))
        return True

    def _run(self, code: bytes) -> None:
        out, error = io.StringIO(), b""
        try:
            with contextlib.redirect_stdout(out):
                exec(compile(code, "<stdin>", "exec"), self.globals)
        except BaseException:
            error = traceback.format_exc().encode().replace(b"\n", b"\r\n")
        text = out.getvalue().encode().replace(b"\n", b"\r\n")
        if self.manners.panic and self.globals.get("panic"):
            self._send(text + self.manners.panic)
            self.manners.silent = True
            raise EOFError
        self._send(text + b"\x04" + error + b"\x04")
