"""What the serial line carried during a test."""

import re
import time
from pathlib import Path

from ..wire import received
from .managed import ManagedVm

_ENTRY = re.compile(r"^( *\d+\.\d{6}) ([<>]) (.*)$")


def folded(log: str) -> str:
    """A log with one line of the target's, not one chunk of the transport's, per line."""
    out: list[str] = []
    open_direction = ""  # of the last line, while that has no end
    for entry in map(_ENTRY.match, log.splitlines()):
        if not entry:
            continue
        stamp, direction, data = entry.groups()
        for piece in filter(None, re.split(r"(?<=\\n)", data)):
            if direction == open_direction:
                out[-1] += piece
            else:
                out.append(f"{stamp} {direction} {piece}")
            open_direction = "" if piece.endswith("\\n") else direction
    return "\n".join(out)


class SerialLog:
    """Of a test, from its begin (before the fixtures) to now; longer when the machine changed."""

    def __init__(self, vm: ManagedVm):
        self._vm = vm

    @property
    def path(self) -> Path:
        """The whole log of the machine that runs."""
        assert self._vm.machine
        return self._vm.machine.log_path

    @property
    def lines(self) -> list[str]:
        """Both directions: seconds since the line was opened, `<` or `>`, bytes with escapes."""
        return self._vm.log().splitlines()

    @property
    def text(self) -> str:
        """What the target has sent, as text."""
        return received(self._vm.log()).decode("utf-8", "backslashreplace").replace("\r\n", "\n")

    def __contains__(self, what: str) -> bool:
        return what in self.text

    def wait_for(self, what: str, timeout: float = 10.0) -> str:
        """Wait until the target has sent this; all text up to now.  Raises TimeoutError.

        What has been sent since the test began counts; nothing is taken away from the prompt.
        """
        deadline = time.monotonic() + timeout
        while what not in (text := self.text):
            if time.monotonic() > deadline:
                raise TimeoutError(f"no {what!r} in {timeout:g} s; last came {text[-200:]!r}")
            time.sleep(0.02)
        return text
