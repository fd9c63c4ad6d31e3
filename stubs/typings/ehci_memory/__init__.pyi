# Made by `inv stubs` from frozen/usb/ehci_memory.py: do not edit.
"""What EHCI reads and writes in memory: queue heads and transfer descriptors (EHCI 1.0 §3).

Words of memory that hardware has, too, are accessed by mmio.Regs: one access each, in order.
"""

from _typeshed import Incomplete

NEXT: int
ALT: int
TOKEN: int
BUFFER: int
END: int
ACTIVE: int
HALTED: int
PID_OUT: int
PID_IN: int
PID_SETUP: int
ERRORS_3: int
IOC: int
TOGGLE: int

class Qtd:
    """A transfer descriptor.  r, at: its words.  link: the next of the same transfer, or None.

    bytes: of data it stands for, -1 for the stages of a control transfer that have none.
    """

    r: Incomplete
    at: Incomplete
    phys: Incomplete
    link: Incomplete | None
    bytes: int
    def __init__(self, r: Incomplete, at: Incomplete) -> None: ...
    def fill(self, token: Incomplete, phys: Incomplete, n: Incomplete, wide: Incomplete) -> None:
        """n bytes at phys; token but the length.  Not active yet when token is not."""
    def setup(self, data: Incomplete) -> Incomplete:
        """Keep the 8 bytes of a control request; where they are then."""

class Memory:
    """All of a controller's.  wide: it reaches 64 bits, but structures in one 4 GiB segment."""

    wide: Incomplete
    segment: Incomplete | None
    def __init__(self, wide: Incomplete, name: Incomplete) -> None: ...
    def alloc(self, size: Incomplete, align: Incomplete) -> Incomplete:
        """A cleared dma.Buffer where structures may be, the caller's.  Raises OSError(ENOMEM)."""
    def reaches(self, phys: Incomplete, n: Incomplete) -> Incomplete:
        """Whether data may be there."""
    def take(self, count: Incomplete) -> Incomplete:
        """The first of so many linked Qtds.  Raises OSError(ENOMEM)."""
    def give(self, qtd: Incomplete) -> None:
        """A list of them back."""
    def free(self) -> None:
        """Everything back: the controller is reset or silenced."""
