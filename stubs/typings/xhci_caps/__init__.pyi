# Made by `inv stubs` from frozen/usb/xhci_caps.py: do not edit.
"""What an xHCI controller says of itself, checked against its BAR (xHCI 1.2 §5.3, §7)."""

from _typeshed import Incomplete

class Protocol:
    """Ports of one kind (§7.2): major, minor, first, count, slot_type; speeds: {PSIV: name}."""

    major: Incomplete
    minor: Incomplete
    first: Incomplete
    count: Incomplete
    slot_type: Incomplete
    speeds: Incomplete
    def __init__(
        self,
        major: Incomplete,
        minor: Incomplete,
        first: Incomplete,
        count: Incomplete,
        slot_type: Incomplete,
        speeds: Incomplete,
    ) -> None: ...
    def __repr__(self) -> str: ...

class Caps:
    """regs: mmio.Regs of the BAR.  log(level, text).  Reads only.

    op, runtime, doorbells: windows; version, slots, ports, scratchpads, segments (of an event
    ring, at most), stride (bytes of a context), wide (64-bit addresses), ppc; protocols; legacy:
    offset of USBLEGSUP or 0.  Raises OSError(ENODEV) for what cannot be.
    """

    name: Incomplete
    version: Incomplete
    slots: Incomplete
    ports: Incomplete
    segments: Incomplete
    scratchpads: Incomplete
    flags: Incomplete
    wide: bool
    stride: int
    ppc: bool
    op: Incomplete
    runtime: Incomplete
    doorbells: Incomplete
    legacy: Incomplete
    protocols: list[Incomplete]
    def __init__(self, regs: Incomplete, name: Incomplete, log: Incomplete) -> None: ...
    def __str__(self) -> str: ...
    def take(self) -> None:
        """Ownership from the firmware, its SMIs off (§4.22.1)."""
