# Made by `inv stubs` from frozen/blk/ahci_find.py: do not edit.
"""Where AHCI controllers are: PCI class 0106, and ACPI devices (PRL4010, or _CLS 01-06-01)."""

from _typeshed import Incomplete
from mmio import Regs

class PciPlace:
    """A PCI function.  name, base; open() gives its registers, hook() takes its interrupt."""

    name: Incomplete
    base: Incomplete
    def __init__(self, f: Incomplete) -> None: ...
    def open(self) -> Incomplete:
        """The registers, decoding and mastering on.  Raises OSError."""
    def hook(self, handler: Incomplete) -> Incomplete:
        """Take the interrupt: message or line.  Raises OSError."""
    def discover(self, provoke: Incomplete) -> bool:
        """PCI tells: False."""
    def release(self) -> None:
        """Give the interrupt back."""

class PlatformPlace:
    """An ACPI device.  f: the PCI function whose registers these are, too; None on Parallels."""

    name: Incomplete
    base: Incomplete
    def __init__(
        self,
        name: Incomplete,
        base: Incomplete,
        size: Incomplete,
        intid: Incomplete,
        trigger: str = "level",
        f: Incomplete | None = None,
    ) -> None: ...
    def open(self) -> Regs:
        """The registers."""
    def hook(self, handler: Incomplete) -> Incomplete:
        """Take the line.  Raises OSError."""
    def discover(self, provoke: Incomplete) -> bool:
        """Find the line where tables do not tell: the SPI that pends after provoke().

        Whether there is exactly one.  Nobody else may be at work.
        """
    def release(self) -> None:
        """Give the line back."""

def plausible(regs: Incomplete) -> bool:
    """Whether an AHCI controller seems to be behind these registers.  Reads only."""

def places(fallback: Incomplete | None = None) -> list[Incomplete]:
    """Every controller, as PciPlace or PlatformPlace; reads only.

    fallback: look at Parallels' fixed address; None: where ACPI names PRL4010 without resources.
    """
