"""A machine for others: its serial line on one TCP port, its buttons by HTTP on another.

`python -m pyrallax.vm.serve` reads {"kind": "uefi", "host": "127.0.0.1", "options": {"cpus": 2}}
and says {"port": …, "control": …}, or {"error": …}.  It ends, and the machine with it, when its
stdin does.  Each `on` starts a fresh machine.  Whoever reaches the ports has the machine:
there is no password.

GET /state, /screen (PNG), /log (what runs the machine has said); POST /on, /off, /reset, /keys (a
JSON list of ["type", text], ["press", chord], ["down", key], ["up", key]).  A refusal is status
409 and a line of text.
"""

import json
import os
import select
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import TCPServer
from typing import Any

from ..failure import reason
from ..wire import WireClosed
from .config import Unfit
from .machine import Machine
from .open import machine
from .telnet import Talk

_STALL_S = 2.0  # a client or a guest that takes nothing for so long loses bytes
_KEYS = ("type", "press", "down", "up")
_LONGEST = 1 << 20  # bytes of a request


class Server:
    """One thread does all: what a button does is over before the next byte is carried.

    make: gives a machine that is not started.
    """

    def __init__(self, make: Callable[[], Machine], host: str):
        self._make = make
        self._machine: Machine | None = None
        self._ended = ""  # why its line closed
        self._line = socket.create_server((host, 0))
        self._clients: dict[socket.socket, Talk] = {}
        self._http = _Http((host, 0), type("Bound", (_Buttons,), {"server_of": self}))
        self.port: int = self._line.getsockname()[1]
        self.control: int = self._http.server_address[1]

    def run(self, until: int) -> None:
        """Serve until the descriptor `until` can be read; the machine ends then."""
        try:
            while until not in (ready := self._ready(until)):
                self._step(ready)
        finally:
            self._http.server_close()
            for each in (*self._clients, self._line):
                each.close()
            self.off()

    def _ready(self, until: int) -> list:
        wire = self._wire
        watched = [until, self._http, self._line, *self._clients]
        return select.select([*watched, wire.fd] if wire else watched, [], [])[0]

    @property
    def _wire(self) -> Any:
        return self._machine.wire if self._machine and not self._ended else None

    def _step(self, ready: list) -> None:
        if self._http in ready:
            self._http.handle_request()
        if self._line in ready:
            client = self._line.accept()[0]
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.settimeout(_STALL_S)
            self._clients[client] = Talk()
        for client in [c for c in self._clients if c in ready]:
            self._from(client)
        if wire := self._wire:
            try:
                data = wire.read(0)  # also what a write() took in
            except WireClosed as why:
                self._ended = str(why)
                return
            for client, talk in list(self._clients.items()):
                try:
                    client.sendall(talk.gets(data))
                except OSError:
                    self._drop(client)

    def _from(self, client: socket.socket) -> None:
        try:
            data = client.recv(4096)
        except OSError:
            data = b""
        if not data:
            self._drop(client)
        elif (typed := self._clients[client].said(data)) and (wire := self._wire):
            try:
                wire.write(typed, _STALL_S)
            except TimeoutError:
                pass
            except WireClosed as why:
                self._ended = str(why)

    def _drop(self, client: socket.socket) -> None:
        del self._clients[client]
        client.close()

    # ---- buttons

    def on(self) -> None:
        """Start a machine, where none runs."""
        if self._machine and not self._ended and not self._machine.evidence():
            return
        self.off()
        machine = self._make()
        machine.start()
        self._machine = machine

    def off(self) -> None:
        """End the machine."""
        machine, self._machine, self._ended = self._machine, None, ""
        if machine:
            machine.close()

    def reset(self) -> None:
        """The reset button."""
        self._running().reset()

    def _running(self) -> Machine:
        if not self._machine:
            raise Unfit("the machine is off: switch it on first")
        return self._machine

    def keys(self, strokes: Any) -> None:
        """Press keys, in order.  Raises Unfit before the first for what is no list of them."""
        for stroke in strokes if isinstance(strokes, list) else [None]:
            if not isinstance(stroke, list) or len(stroke) != 2 or stroke[0] not in _KEYS:
                raise Unfit(f"{stroke!r} is no stroke: a list of {', '.join(_KEYS)} and a text")
        keyboard = self._running().keyboard
        for how, what in strokes:
            getattr(keyboard, how)(str(what))

    def screen(self) -> bytes:
        """A picture (PNG)."""
        with tempfile.TemporaryDirectory() as folder:
            return self._running().screenshot(Path(folder, "screen.png")).read_bytes()

    def log(self) -> bytes:
        """What the program that runs the machine has said."""
        return self._running().host_log().encode()

    def state(self) -> bytes:
        """on: whether a machine runs; evidence: what the host knows against it."""
        machine = self._machine
        against = self._ended or (machine.evidence() if machine else "")
        known = {"on": machine is not None and not against, "evidence": against}
        if machine:
            known |= {"kind": machine.kind, "name": machine.name, "log": str(machine.log_path)}
        return json.dumps(known).encode()


class _Http(TCPServer):
    """http.server's own looks the host's name up, which may take seconds."""

    allow_reuse_address = True

    def handle_error(self, *_: object) -> None:
        """A client that went away is no news."""


class _Buttons(BaseHTTPRequestHandler):
    server_of: Server
    timeout = _STALL_S

    def do_GET(self) -> None:
        self._answer(("state", "screen", "log"))

    def do_POST(self) -> None:
        self._answer(("on", "off", "reset", "keys"))

    def _answer(self, known: tuple[str, ...]) -> None:
        name = self.path.strip("/")
        if name not in known:
            self._say(404, f"no {name!r}: there are {', '.join(known)}".encode())
            return
        try:
            call = getattr(self.server_of, name)
            self._say(200, (call(self._body()) if name == "keys" else call()) or b"")
        except Exception as why:  # whatever it is, the one who pressed has to know
            self._say(409, reason(why).encode())

    def _body(self) -> Any:
        length = min(int(self.headers.get("Content-Length", 0)), _LONGEST)
        return json.loads(self.rfile.read(length))

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: stderr is for what goes wrong."""


def main() -> int:
    """Serve what the first line of stdin asks for."""
    line = os.read(0, _LONGEST)
    try:
        asked = json.loads(line)
        kind, options = asked["kind"], asked.get("options", {})
        machine(kind, **options)  # a mistake in it is known at once
        server = Server(lambda: machine(kind, **options), asked.get("host", "127.0.0.1"))
    except Exception as why:
        print(json.dumps({"error": reason(why)}), flush=True)
        return 1
    print(json.dumps({"port": server.port, "control": server.control}), flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server.run(0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
