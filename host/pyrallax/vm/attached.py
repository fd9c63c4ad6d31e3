"""A machine that somebody else runs, of which there is only the serial line."""

from pathlib import Path

from ..line import open_line
from ..repl import Repl, ReplError
from ..wire import WireClosed
from .machine import Machine


class Attached(Machine):
    """where: a path (tty, PTY, Unix socket) or a URL (socket://, rfc2217://), as line.open_line
    takes them.  It is never switched off; reset() is `machine.reset()` at its prompt.
    """

    prompt_s = 1.0  # it is up already, or says nothing before it is asked

    def __init__(self, where: Path | str, name: str = "", kind: str = "serial"):
        super().__init__(name)
        self.kind = kind
        self.where = where

    def start(self) -> "Attached":
        """Open the line.  Raises Unfit."""
        log = self._open_log()
        try:
            self.wire = open_line(self.where, log)
        except BaseException:
            log.close()
            raise
        self.log = log
        return self

    def close(self) -> None:
        """Close the line and leave the machine at its friendly prompt where it can be reached."""
        if self.wire and self.log:
            try:
                self.wire.write(b"\x02", 0.5)
            except (OSError, TimeoutError):
                pass
            self.wire.close()
            self.log.close()
            self.wire = self.log = None

    def reset(self) -> None:
        """Reset the target by its own hand.  Raises ReplTimeout when its prompt is not there."""
        assert self.wire
        repl = Repl(self.wire)
        repl.enter_raw()
        self.wire.write(b"import machine; machine.reset()\x04")
        self._prompted = False

    def evidence(self) -> str:
        """Why the line, not the guest, is at fault."""
        if not self.wire:
            return "the line is closed"
        try:
            self.wire.unread(self.wire.read(0))
        except (WireClosed, ReplError) as why:
            return str(why)
        return ""
