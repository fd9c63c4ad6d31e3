# Made by `inv stubs` from frozen/bus/acpi.py: do not edit.
"""ACPI tables and devices, found at first use (ACPI 6.5 §5.2).

tables(), table('MCFG'), dump('APIC'), devices(), find('PRL4010'), namespace(), refused().  The
tables are copies; what they lead to that is broken is refused and logged, never followed.
"""

from acpi_devices import Device
from acpi_tables import Root
from acpi_tables import Table
from aml import Namespace
from collections.abc import Callable

class System:
    """Everything that one root pointer leads to.  read(address, bytes) raises ValueError."""

    root: Root
    tables: list[Table]
    def __init__(
        self,
        read: Callable[[int, int], bytes],
        rsdp: int,
        log: Callable[[str], object] | None = None,
    ) -> None: ...
    def namespace(self) -> Namespace:
        """Namespace of the DSDT and all SSDTs with good checksums."""
    def devices(self) -> list[Device]:
        """Every Device of the namespace, as declared."""

def system() -> System | None:
    """The machine's System; None where it has no ACPI."""

def reload() -> None:
    """Forget the tables: the next use reads them again."""

def tables() -> list[Table]:
    """Every Table, RSDP and XSDT first; [] on a machine without ACPI."""

def table(signature: str, n: int = 0) -> Table | None:
    """The n-th Table of that signature or None.  Raises OSError(ENODEV) without any ACPI."""

def namespace() -> Namespace:
    """aml.Namespace of the machine.  Raises OSError(ENODEV)."""

def devices() -> list[Device]:
    """Every acpi_devices.Device, as declared; [] on a machine without ACPI."""

def find(name: str) -> Device | None:
    """The first present Device with this _HID or _CID ('PRL4010'), or None.

    A device is present unless its _STA is known to say otherwise.  Raises OSError(ENODEV).
    """

def refused() -> list[tuple[str, str]]:
    """[(what, why), …] of tables and AML that were no good."""

def dump(signature: str, n: int = 0) -> None:
    """Print the fields of a table as iasl names them; of an unknown one its header and bytes.

    Raises OSError(ENOENT) where there is no such table.
    """
