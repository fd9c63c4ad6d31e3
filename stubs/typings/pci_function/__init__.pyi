# Made by `inv stubs` from frozen/bus/pci_function.py: do not edit.
"""One PCI function: what it is, its BARs as register windows, its capabilities and interrupt."""

from collections.abc import Callable
from irq import Line
from mmio import Regs
from pci_bars import Bar, Window
from pci_caps import Capability
from pci_host import Host
from pci_irq import Interrupt

class Function:
    """vendor, device, class_ (24 bits), rev, header (type 0 to 2) as read; bdf "00:03.0".

    cfg: mmio.Regs of its configuration space, 4 KiB.  bars: list of Bars, None before they are
    read.  parent: the bridge it is behind, None on a root bus; children: functions behind it.
    secondary, subordinate, windows: of a bridge.
    """

    host: Host
    bus: int
    dev: int
    fn: int
    parent: Function | None
    bdf: str
    cfg: Regs
    vendor: int
    device: int
    rev: int
    class_: int
    header: int
    multifunction: bool
    children: list[Function]
    bars: list[Bar] | None
    windows: list[Window]
    secondary: int
    subordinate: int
    def __init__(
        self, host: Host, bus: int, dev: int, fn: int, parent: Function | None = None
    ) -> None: ...
    def __repr__(self) -> str: ...
    def same(self, other: Function) -> bool:
        """Whether `other`, read at the same place, is this function with its BARs unmoved."""
    @property
    def address(self) -> int:
        """Bus, device and function as 16 bits."""
    @property
    def requester(self) -> int:
        """16 bits that an ITS or IOMMU sees its writes come from.

        A bridge from PCI Express to PCI puts its secondary bus in front of what is behind it, a
        plain PCI bridge itself: PCI Express to PCI Bridge 1.0 §2.3.
        """
    @property
    def bridge(self) -> bool:
        """Whether it is a PCI-to-PCI bridge."""
    @property
    def subsystem(self) -> tuple[int, int]:
        """(vendor, device) of the board or VM."""
    def capabilities(self) -> list[Capability]:
        """List of Capability, extended ones last.  A broken chain ends where it breaks."""
    def capability(self, id: int, extended: bool = False) -> Capability | None:
        """The first Capability of that id, or None."""
    def bar_of(self, index: int) -> Bar:
        """The Bar of that number.  Raises ValueError where there is none."""
    def bar(self, index: int, width: int = 32) -> Regs:
        """mmio.Regs of what a BAR maps; decoding must be on to reach it: enable().

        Raises ValueError where there is no such BAR, OSError(ENXIO) while it has no address,
        OSError(EBUSY) where it overlaps something or lies outside its bridge's window.
        """
    def enable(
        self, memory: bool | None = True, master: bool | None = True, io: bool | None = None
    ) -> Function:
        """Turn decoding and bus mastering on (False: off, None: leave), of bridges above, too.

        Gives the Function.
        """
    @property
    def pin(self) -> int:
        """INTx pin, 1 for A to 4 for D; 0 for none."""
    @property
    def intid(self) -> int | None:
        """INTID of the INTx pin by _PRT or the device tree, or None.

        Behind a bridge the pin rotates by the device's number: PCI-to-PCI Bridge 1.2 §9.1.
        """
    def irq(
        self,
        handler: Callable[[Line], object],
        vector: int = 0,
        hard: bool = False,
        name: str | None = None,
    ) -> Line:
        """Hook an interrupt: MSI-X, else MSI, else INTx by _PRT; the Line that irq gives.

        vector: which message of several; 0 alone for INTx.  An INTx handler has to make the device
        drop its request: the line is level and stays masked until it has returned.
        Bus mastering must be on for messages: enable().
        Raises ValueError (no such vector), OSError(EBUSY) (taken), OSError(ENODEV) (no way).
        """
    def interrupts(self, count: int = 8, kinds: tuple[str, ...] = ...) -> Interrupt:
        """The pci_irq.Interrupt of this function, set up by the first call until release().

        count: vectors to take at most, of those the device has; kinds: what to try, in this order.
        Raises OSError(ENODEV).
        """
    def release(self) -> None:
        """Undo irq(): the function sends nothing, its lines and vectors are free again."""
