"""Keys by `prlctl send-key-event`: PS/2 set 1 scancodes in decimal, one JSON batch by stdin.

A call of prlctl costs about 475 ms (stated: Parallels), so a text is one batch.  When the Mac is
locked, or the machine's USB keyboard is not ready, keys are lost with status 0.
"""

import json
from collections.abc import Callable, Iterable

from ..config import Unfit
from ..keys import SCANCODES, Chord, Keyboard
from . import mac
from .ctl import Prlctl

_HOLD_MS = 20  # between events: a guest polls its keyboard every 8 ms or so
_NOT_READY = "keyboard monitor"  # of Parallels' log; its exact words are not known


def batch(events: Iterable[tuple[str, bool]], hold_ms: int = _HOLD_MS) -> list[dict]:
    """The JSON array for these keys: (name, down) in order, a pause after each."""
    rows: list[dict] = []
    for name, down in events:
        event = "press" if down else "release"
        rows += [{"scancode": code, "event": event} for code in SCANCODES[name]]
        rows.append({"delay": hold_ms})
    return rows


class PrlKeyboard(Keyboard):
    """Types into one machine.  host_log: what Parallels has said of it."""

    def __init__(self, prlctl: Prlctl, uuid: str, host_log: Callable[[], str]):
        super().__init__(self._send_events, 0)
        self._prlctl = prlctl
        self._uuid = uuid
        self._host_log = host_log

    def chords(self, wanted: Iterable[Chord]) -> None:
        """Press and release each of these, in one batch."""
        self._all(wanted)

    def _all(self, wanted: Iterable[Chord]) -> None:
        events = [
            event
            for keys in wanted
            for event in [(k, True) for k in keys] + [(k, False) for k in reversed(keys)]
        ]
        self._send_events(events)

    def _send_events(self, events: list[tuple[str, bool]]) -> None:
        """Raises Unfit where the keys would be lost, or were."""
        mac.need_unlocked()
        rows = batch(events)
        seconds = sum(row.get("delay", 0) for row in rows) / 1000
        self._prlctl.run(
            "send-key-event", self._uuid, "-j", text=json.dumps(rows), timeout=60 + 2 * seconds
        )
        for line in self._host_log().splitlines():
            if _NOT_READY in line.lower() and "not ready" in line.lower():
                raise Unfit(
                    "Parallels' USB keyboard is not ready, and will not be in this start of the"
                    " machine: start a fresh one"
                )
