# SPDX-License-Identifier: GPL-2.0-or-later
"""From the target's prompt into its serial loader, and out again."""

from collections.abc import Iterator
from contextlib import contextmanager

from ..repl import Repl, ReplError
from ..vm.config import Unfit
from ..wire import Wire, WireClosed
from .errors import told
from .port import WirePort
from .progress import quiet
from .target import Target

_PROMPT_S = 3.0
_QUIET_S = 0.3


def enter(wire: Wire, name: str) -> Target:
    """The target in its loader, which it may be in already.  Raises Unfit, TargetPanic.

    Where that fails, a loader of ours that was entered here is left again.
    """
    quiet()
    repl = Repl(wire)
    target = Target(WirePort(wire, name))
    sent = False
    try:
        repl.enter_raw(_PROMPT_S)
        sent = True
        wire.write(b"import machine; machine.bootloader()\x04")
    except (ReplError, TimeoutError, WireClosed):
        pass  # then the loader may be there: open() tells
    try:
        try:
            repl.drain(_QUIET_S)
        except WireClosed:
            pass
        target.open()
    except (Unfit, KeyboardInterrupt) as why:
        if sent:
            _undo(target, isinstance(why, KeyboardInterrupt))
        raise
    return target


def _undo(target: Target, ask: bool) -> None:
    """Leave the loader where it is ours: to a foreign chip nothing of it is sent.

    ask: nobody has asked yet, or not to the end.
    """
    try:
        if ask and not target.ours:
            target.open()
    except Unfit:
        pass
    if target.ours:
        target.retreat()


@contextmanager
def entered(wire: Wire, name: str) -> Iterator[Target]:
    """enter(), and back to the prompt when that fails for which it was done.

    Not from a disk that is half written: to mount it, or run its programs, is the user's decision.
    """
    target = enter(wire, name)
    try:
        yield target
    except (Unfit, OSError, KeyboardInterrupt):
        if not target.changed:
            target.retreat()
        raise


@contextmanager
def session(wire: Wire, name: str) -> Iterator[Target]:
    """entered(), and back to the prompt when all went well.  Raises Unfit."""
    with entered(wire, name) as target:
        yield target
        with told(target.reason, "leaving the loader"):
            target.leave()
