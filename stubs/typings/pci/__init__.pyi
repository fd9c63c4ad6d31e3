# Made by `inv stubs` from frozen/bus/pci.py: do not edit.
"""PCI and PCI Express: what is there, its registers, memory and interrupts (PCI 3.0, PCIe 5.0).

pci.scan(), pci.find(0x1234, 0x11e8), fn.bar(0), fn.irq(handler), pci.lspci("vv").
"""

from pci_function import Function
from pci_host import Host

class Bus:
    """All functions of some Hosts.  functions: in order of address; problems: texts."""

    hosts: list[Host]
    functions: list[Function]
    problems: list[str]
    def __init__(self, hosts: list[Host]) -> None: ...
    def scan(self, known: list[Function] | tuple[Function, ...] = ...) -> list[Function]:
        """Walk, read, and assign what lacks an address.

        known: Functions of an earlier scan.  One that is still where it was stays the same object
        and is not sized again: its driver runs.
        """

def scan() -> list[Function]:
    """List of all Functions; the first call looks, later ones give the same list."""

def rescan() -> list[Function]:
    """Look again.  Functions that are still there stay the same objects."""

def problems() -> list[str]:
    """Texts: what is wrong with the machine's PCI, as far as scan() saw."""

def find(
    vendor: int | None = None, device: int | None = None, *, class_: int | None = None
) -> Function:
    """The first Function of that vendor, device and class.  Raises OSError(ENODEV) for none.

    class_: 24 bits, or 16 for class and subclass whatever the programming interface.
    """

def find_all(
    vendor: int | None = None, device: int | None = None, *, class_: int | None = None
) -> list[Function]:
    """List of the Functions of that vendor, device and class, as find()."""

def function(bdf: str) -> Function:
    """The Function at "00:03.0".  Raises OSError(ENODEV)."""

def lspci(options: str = "", only: Function | str | None = None) -> None:
    """Print what scan() found as lspci does.

    options: of "v", "vv", "n" (numbers), "nn" (both), "x" (64 bytes), "xxx" (256), "xxxx" (all),
    together as in "nnvv"; only: one Function or bdf.  Raises ValueError for other options,
    OSError(ENODEV).
    """
