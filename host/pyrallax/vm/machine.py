"""What every machine offers, whatever runs it: a serial line, its prompt, its screen and keys."""

import itertools
import os
import time
from pathlib import Path
from typing import Any

from .. import ARTIFACTS
from ..repl import Repl, ReplTimeout
from ..wire import Log, Wire
from .config import Unfit
from .keys import Keyboard

_numbers = itertools.count(1)


class Machine:
    """Use it as a context manager, or start() and close().

    kind: the name that `--machine` and `--vm` know it by.  wire: the serial line, from the first
    byte that can be had; log_path: both directions of it, with times.
    """

    kind = ""
    prompt_s = 30.0  # a slow machine's way from start() to the prompt

    def __init__(self, name: str = ""):
        self.name = name or f"vm-{os.getpid()}-{next(_numbers)}"
        self.log_path = ARTIFACTS / f"{self.name}.serial.log"
        self.wire: Wire | None = None
        self.log: Log | None = None
        self._prompted = False

    def _open_log(self) -> Log:
        log = Log(self.log_path)
        self.log_path = log.path
        return log

    def __enter__(self) -> Any:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> "Machine":
        """Switch it on, or find it running.  Raises Unfit when something it needs is missing."""
        raise NotImplementedError

    def close(self) -> None:
        """End it and take back all that was made for it.  Harmless twice; the log stays."""
        raise NotImplementedError

    def reset(self) -> None:
        """The reset button.  Raises Unfit where there is none."""
        raise Unfit(f"a machine of kind {self.kind} has no reset button")

    def evidence(self) -> str:
        """What the host knows against this machine; "" while nothing speaks against it.

        A machine that ended, hangs outside of the guest or lost its line is at fault itself: what
        was asked of its prompt is not.
        """
        return ""

    def host_log(self) -> str:
        """What the program that runs the machine has said itself, its last lines."""
        return ""

    def screenshot(self, path: Path) -> Path:
        """A picture (PNG) of the screen.  Raises Unfit where there is no screen."""
        raise Unfit(f"a machine of kind {self.kind} shows no screen to the host")

    @property
    def keyboard(self) -> Keyboard:
        """Keys as a person types them.  Raises Unfit where the host has no way to them."""
        raise Unfit(f"a machine of kind {self.kind} takes no keys from the host")

    def repl(self, timeout: float = 30.0) -> Repl:
        """A client of the prompt, in the raw REPL.  Raises ReplTimeout, WireClosed.

        The first time it waits for the prompt before it sends anything: UEFI reads keys, too.
        A machine that runs a main.py shows none and is interrupted after a while.
        """
        assert self.wire, "the machine is not started"
        repl = Repl(self.wire, timeout)
        if not self._prompted:
            try:
                repl.wait_prompt(self.prompt_s, ush=True)
            except ReplTimeout:
                pass  # enter_raw tells
            self._prompted = True
        repl.enter_raw()
        return repl

    def wait_for(self, what: bytes, timeout: float) -> bytes:
        """Read the serial line up to and with these bytes.  Raises ReplTimeout, WireClosed."""
        assert self.wire, "the machine is not started"
        return Repl(self.wire).read_until(what, timeout)

    def drain(self, quiet: float = 0.05) -> bytes:
        """Read the serial line until it has been quiet for so long."""
        assert self.wire, "the machine is not started"
        got = b""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and (more := self.wire.read(quiet)):
            got += more
        return got
