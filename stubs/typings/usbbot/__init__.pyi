# Made by `inv stubs` from frozen/usb/usbbot.py: do not edit.
"""Mass storage, bulk-only transport 1.0: one command at a time to one device."""

from _typeshed import Incomplete
from collections.abc import Iterator
from usbwait import Lock

class Bot:
    """The transport of an interface.  dead: of no use any more, until it is plugged in again.

    actual: bytes that the last command moved; residue: what its CSW said.  small: a memoryview,
    where ask() has its answers.  resets: how often the device had to be brought back.
    """

    device: Incomplete
    number: Incomplete
    dead: bool
    lock: Lock
    actual: Incomplete
    residue: Incomplete
    resets: int
    log: Incomplete
    small: Incomplete
    def __init__(self, device: Incomplete, interface: Incomplete, log: Incomplete) -> None: ...
    def luns(self) -> Iterator[Incomplete]:
        """Generator: how many units there are (§3.2).  A stall means one."""
    def ask(
        self, lun: Incomplete, cdb: Incomplete, length: int = 0, limit_ms: int = 5000
    ) -> Iterator[Incomplete]:
        """Generator: a command with an answer of up to 256 bytes; CSW's status."""
    def command(
        self,
        lun: Incomplete,
        cdb: Incomplete,
        length: int = 0,
        is_in: bool = True,
        buffer: Incomplete | None = None,
        offset: int = 0,
        limit_ms: int = 30000,
    ) -> Iterator[Incomplete]:
        """Generator: one command; 0, or 1: it failed, and sense tells why.

        buffer: what has the memory's physical address.  Raises OSError: the device was lost on the
        way; it is reset (§5.3.4) before the next command.  The caller has the lock.
        """
    def free(self) -> None:
        """The device has gone: nothing is under way any more."""
