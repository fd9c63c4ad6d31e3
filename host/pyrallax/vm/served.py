"""The other end of vm.serve: starting it, and pressing its buttons."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from typing import Any

from .config import Unfit

_END_S = 60.0  # Parallels deletes a machine meanwhile
_BUTTON_S = 180.0  # `on` makes a whole machine


class Served:
    """A process that serves a machine, child of this one.  Raises Unfit when it does not come up.

    port: of the serial line; control: of the buttons.
    """

    def __init__(self, kind: str, options: dict[str, Any], host: str = "127.0.0.1"):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pyrallax.vm.serve"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C is for those who use it; they close it
        )
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(
            json.dumps({"kind": kind, "host": host, "options": options}) + "\n"
        )
        self._process.stdin.flush()
        said = self._process.stdout.readline()
        self.ports = json.loads(said) if said.strip() else {"error": "the server did not start"}
        if "error" in self.ports:
            self.close()
            raise Unfit(f"no machine {kind}: {self.ports['error']}")
        self.port: int = self.ports["port"]
        self.control: int = self.ports["control"]

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def end(self) -> None:
        """Tell it to end, and its machine, which may take as long as Parallels needs to."""
        assert self._process.stdin
        try:
            self._process.stdin.close()
        except OSError:
            pass

    def close(self) -> None:
        """End it and wait until it has.  Harmless twice."""
        self.end()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout
        self._process.stdout.close()


class Buttons:
    """Those of the machine served at host:control.  All raise Unfit: the machine's reason."""

    def __init__(self, host: str, control: int):
        self._url = f"http://{host}:{control}"
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

    def _ask(self, name: str, body: bytes | None = None) -> bytes:
        try:
            with self._open(f"{self._url}/{name}", body, _BUTTON_S) as answer:
                return answer.read()
        except urllib.error.HTTPError as why:
            raise Unfit(why.read().decode("utf-8", "replace")) from None
        except OSError as why:
            said = getattr(why, "reason", why)
            raise Unfit(f"{self._url}: {said}: is its exporter still running?") from None

    def on(self) -> None:
        """Start a fresh machine, where none runs."""
        self._ask("on", b"")

    def off(self) -> None:
        """End it."""
        self._ask("off", b"")

    def reset(self) -> None:
        """The reset button."""
        self._ask("reset", b"")

    def keys(self, *strokes: tuple[str, str]) -> None:
        """("type", text), ("press", "ctrl-c"), ("down", "shift"), ("up", "shift"), in order."""
        self._ask("keys", json.dumps(strokes).encode())

    def state(self) -> dict[str, Any]:
        """on, evidence; kind, name and log of a machine that is there."""
        return json.loads(self._ask("state"))

    def screen(self) -> bytes:
        """A picture (PNG)."""
        return self._ask("screen")

    def log(self) -> str:
        """What the program that runs the machine has said."""
        return self._ask("log").decode("utf-8", "replace")
