# Made by `inv stubs` from frozen/bus/pci_intx.py: do not edit.
"""INTx lines, which several functions may share (PCI 3.0 §2.2.6).

Every handler of a line is called whenever it fires and looks at its own device: the Interrupt
Status bit of the Status register is no help where a device lacks it, as those before PCI 2.3.
"""

from _typeshed import Incomplete

class Shared:
    """A line and the parts that functions have in it."""

    parts: list[Incomplete]
    intid: Incomplete
    line: Incomplete
    def __init__(self, intid: Incomplete, hard: Incomplete, name: Incomplete) -> None: ...

class Part:
    """What a handler on a shared line gets: like irq's Line, for one function.

    free() leaves the line to the others.  count and the rest are those of the whole line;
    disable() holds all of them back.
    """

    handler: Incomplete
    name: Incomplete
    def __init__(self, shared: Incomplete, handler: Incomplete, name: Incomplete) -> None: ...
    def __getattr__(self, name: Incomplete) -> Incomplete: ...
    def __repr__(self) -> str: ...
    def free(self) -> None:
        """Take the handler off; the last one gives the line back.  Raises OSError(EBUSY)."""

def request(intid: Incomplete, handler: Incomplete, hard: Incomplete, name: Incomplete) -> Part:
    """A Part of the line.  Raises OSError(EBUSY) where the line is hard and the request is not,
    the other way round, or it belongs to somebody who is no PCI function."""
