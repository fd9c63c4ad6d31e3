# Made by `inv stubs` from frozen/blk/ahci_controller.py: do not edit.
"""One AHCI controller: its ports, what is plugged into them, its interrupt."""

from _typeshed import Incomplete
from ahci_atapi import CdRom
from ahci_disk import Disk
from ahci_drive import Drive
from ahcicmd import Hba as _ahcicmd_Hba
from irq import Line

class Names:
    """Hands out sd0, sd1, …, cd0, …: each once."""
    def __init__(self) -> None: ...
    def new(self, kind: Incomplete) -> str:
        """The next name of that kind."""

class Controller:
    """One HBA.  place: from ahci_find.places().

    reset: reset it first; otherwise it is taken over as it runs, which is all that Parallels'
    needs (observed).  irq: False for polled.  Raises OSError, with everything undone.
    name; ports: those in use, a mask; line: the interrupt's Line, or None; hba: ahcicmd.Hba.
    """

    name: str
    line: Line | None
    ports: int
    hba: _ahcicmd_Hba
    def __init__(
        self,
        place: Incomplete,
        *,
        reset: bool = False,
        irq: bool = True,
        names: Incomplete | None = None,
        log: Incomplete = ...,
        clock: Incomplete = ...,
    ) -> None: ...
    def __str__(self) -> str: ...
    def __repr__(self) -> str: ...
    @property
    def drives(self) -> list[Drive]:
        """Every drive, in order of ports; what was plugged in meanwhile is brought up first."""
    @property
    def disks(self) -> list[Disk]:
        """The disks among them."""
    @property
    def cdroms(self) -> list[CdRom]:
        """The CD drives among them."""
    def rescan(self) -> list[Drive]:
        """Look at every port: what is gone, what is new.  Gives the new drives."""
    def deinit(self) -> None:
        """Flush, stop every port, give interrupt and memory back.  The drives are gone then."""
