# Made by `inv stubs` from frozen/usb/xhci_commands.py: do not edit.
"""Commands to an xHCI controller and what became of them (xHCI 1.2 §4.6, §6.4.3, §6.4.5)."""

from _typeshed import Incomplete
from usbwait import Wait
from xhciring import Ring

ENABLE_SLOT: int
DISABLE_SLOT: int
ADDRESS: int
CONFIGURE: int
EVALUATE: int
RESET_ENDPOINT: int
STOP_ENDPOINT: int
SET_DEQUEUE: int
RESET_DEVICE: int
NO_OP: int
CRCR: int
SUCCESS: int
SHORT: int
STATE: int

def code_name(code: Incomplete) -> Incomplete:
    """A completion code's name."""

def code_errno(code: Incomplete) -> Incomplete:
    """The errno for what is no success."""

class Command(Wait):
    """One command, to be waited for.  code, slot: of its completion; actual is the slot."""

    limit_ms: int
    words: tuple[Incomplete, Incomplete, Incomplete]
    status: Incomplete
    code: int
    slot: int
    given_up: bool
    then: Incomplete | None
    def __init__(
        self, ring: Incomplete, control: Incomplete, parameter: Incomplete, status: Incomplete
    ) -> None: ...
    def __repr__(self) -> str: ...
    def outcome(self) -> Incomplete:
        """How it ended, in words."""
    def finish(self, status: Incomplete) -> None:
        """It has ended."""
    def cancel(self) -> None:
        """Abort it; it ends with -ECANCELED, unless it is done after all."""

class CommandRing:
    """op: the operational registers.  died(why): the ring cannot be brought back."""

    ring: Ring
    dead: bool
    def __init__(
        self,
        events: Incomplete,
        op: Incomplete,
        name: Incomplete,
        log: Incomplete,
        died: Incomplete,
    ) -> None: ...
    def program(self) -> None:
        """Hand the emptied ring to the controller, which is halted or has its ring stopped."""
    def do(
        self, kind: Incomplete, slot: int = 0, flags: int = 0, parameter: int = 0, status: int = 0
    ) -> Command:
        """A Command, issued.  kind: ENABLE_SLOT …; flags: of dword 3."""
    def done(self, cookie: Incomplete, code: Incomplete, slot: Incomplete) -> None:
        """Its completion has come."""
    def abort(self, command: Incomplete) -> None:
        """Give a Command up (§4.6.1.2): the ring is stopped and emptied, the others are redone."""
    def end(self) -> None:
        """No command is answered any more: all end with -ENODEV."""
    def free(self) -> None:
        """The controller is halted: give the memory back."""
