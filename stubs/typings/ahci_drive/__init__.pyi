# Made by `inv stubs` from frozen/blk/ahci_drive.py: do not edit.
"""What disks and CD drives on a port have in common: commands one at a time, recovery, the end."""

from _typeshed import Incomplete
from ahci_identify import Identity
from ahcicmd import Port

LBA: int

class Drive:
    """A device on a port.  name: for logs.  port: ahcicmd.Port.  link: its Link, started.

    vacate(drive), reset(port): the Controller's.
    """

    name: str
    port: Port
    link: Incomplete
    info: Identity | None
    def __init__(
        self,
        name: Incomplete,
        port: Incomplete,
        link: Incomplete,
        log: Incomplete,
        vacate: Incomplete,
        reset: Incomplete,
        atapi: bool = False,
    ) -> None: ...
    def __repr__(self) -> str: ...
    @property
    def retries(self) -> int:
        """How often a command that failed is done again before its caller gets -EIO."""
    @retries.setter
    def retries(self, n: Incomplete) -> None: ...
    def attend(self, port: Incomplete, doing: str = "idle") -> None:
        """Mend the port after an error, a time-out or a change of the link."""
    def command(self, name: Incomplete, *args: Incomplete, **words: Incomplete) -> Incomplete:
        """Run one command with recovery; 0 or -errno.  name: for the log; the rest as _once()."""
    def refusal(self) -> Incomplete:
        """Why no command can be run now, as -errno, or 0.  Mends the port where that is due."""

WRITE: Incomplete
