# Made by `inv stubs` from frozen/probe/layouts.py: do not edit.
"""Where the registers of devices are: groups in a window, in a PCI function, in the machine."""

from _typeshed import Incomplete
from collections.abc import Iterator
from mmio import Regs
from probe.view import View

ACPI: dict[Incomplete, Incomplete]

def window(base: Incomplete, size: Incomplete, name: Incomplete) -> Regs:
    """mmio.Regs of an address, 32 bits an access."""

MAKERS: dict[Incomplete, Incomplete]

def bar_of(kind: Incomplete) -> int:
    """Number of the BAR that has a controller's registers."""

def kind_of(function: Incomplete) -> Incomplete:
    """ "ahci", "virtio" …, None for a function that has no map here."""

def of_function(
    function: Incomplete,
) -> tuple[Incomplete, str] | tuple[list[tuple[str, View]], str]:
    """Groups of a PCI function, its registers where a map is known and its header; and a note.

    The note says why the registers are missing.  Raises OSError where they cannot be reached.
    """

def redistributors(regions: Incomplete) -> Iterator[Incomplete]:
    """(base, TYPER) of each redistributor in the regions, as they lie (IHI 0069 §12.10)."""

def system() -> Iterator[Incomplete]:
    """(name, base, size, map's name) of what the hand-off names; redistributors come last."""

def system_view(name: Incomplete, base: Incomplete, size: Incomplete, map: Incomplete) -> View: ...
