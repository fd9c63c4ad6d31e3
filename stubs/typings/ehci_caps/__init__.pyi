# Made by `inv stubs` from frozen/usb/ehci_caps.py: do not edit.
"""What an EHCI controller says of itself, checked against its BAR (EHCI 1.0 §2.1, §2.2)."""

from _typeshed import Incomplete

class Caps:
    """regs: mmio.Regs of the BAR; cfg: of the configuration space.  log(level, text).  Reads only.

    op: window; version; ports; companions: controllers for full and low speed; ppc: ports' power
    can be switched; wide: 64-bit addresses; legacy: offset of USBLEGSUP in cfg, or 0.
    Raises OSError(ENODEV) for what cannot be.
    """

    name: Incomplete
    version: Incomplete
    ports: Incomplete
    ppc: bool
    companions: Incomplete
    flags: Incomplete
    wide: bool
    op: Incomplete
    legacy: Incomplete
    def __init__(
        self, regs: Incomplete, cfg: Incomplete, name: Incomplete, log: Incomplete
    ) -> None: ...
    def __str__(self) -> str: ...
    def take(self, clock: Incomplete) -> None:
        """Ownership from the firmware, its SMIs off (§5.1)."""
