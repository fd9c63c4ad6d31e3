# Made by `inv stubs` from frozen/blk/ahci_hba.py: do not edit.
"""The registers that all ports of a controller share (AHCI 1.3.1 §3.1)."""

from _typeshed import Incomplete

CAP_SCLO: int
CAP_SNCQ: int
CAP_S64A: int

class Hba:
    """regs: mmio.Regs of the controller.  name: for the log.  log(level, text), as klog.log.

    Takes it over as it runs; AHCI mode is on then.  Raises OSError(ENODEV).
    cap, version: as read.  ports: those implemented, a mask.  slots: of each port.
    """

    cap: Incomplete
    version: Incomplete
    slots: Incomplete
    ports: Incomplete
    def __init__(self, regs: Incomplete, name: Incomplete, log: Incomplete) -> None: ...
    def __str__(self) -> str: ...
    def reset(self) -> None:
        """Reset the controller and its ports (§10.4.3).  Raises OSError(ETIMEDOUT)."""
    def interrupts(self, on: Incomplete) -> None:
        """Let the controller interrupt, or not."""
