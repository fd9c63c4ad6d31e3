# Made by `inv stubs` from frozen/bus/pci_irq.py: do not edit.
"""A function's interrupt: MSI-X, else MSI, else INTx (PCI 3.0 §6.8, §2.2.6; PCIe 5.0 §6.1)."""

from _typeshed import Incomplete

class Interrupt:
    """How one function interrupts.  kind: "msix", "msi" or "intx"; lines: {vector: Line}.

    count: how many vectors it has now, of those wanted.  kinds: which to try.
    Raises OSError(ENODEV) where none works.
    """

    f: Incomplete
    lines: dict[Incomplete, Incomplete]
    vectors: Incomplete | None
    count: Incomplete
    kind: Incomplete | None
    def __init__(self, f: Incomplete, count: Incomplete, kinds: Incomplete = ...) -> None: ...
    def __repr__(self) -> str: ...
    def hook(
        self,
        handler: Incomplete,
        vector: int = 0,
        hard: bool = False,
        name: Incomplete | None = None,
    ) -> Incomplete:
        """Give a vector its handler; the Line.  Raises ValueError, OSError(EBUSY)."""
    def mask(self, vector: Incomplete, masked: bool = True) -> bool:
        """Hold back the messages of one vector at the device; False where it cannot."""
    def pending(self, vector: Incomplete) -> bool | None:
        """Whether a masked vector has a message waiting; None where the device does not tell."""
    def release(self) -> None:
        """Silence the function and give lines and vectors back.

        A handler that still runs or is queued keeps its line: OSError(EBUSY), call again.
        """
