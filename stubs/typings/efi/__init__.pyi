# Made by `inv stubs` from frozen/bus/efi.py: do not edit.
"""What UEFI left: configuration tables, memory map, runtime services (UEFI 2.10 §4, §7, §8).

Nothing the firmware says is believed before its signature, sizes and CRC fit.  A service runs in
an address space that has the firmware's own runtime regions and a buffer, nothing else of RAM or
devices; a fault in it is BusError, no return within 5 s OSError(ETIMEDOUT).  Not done:
SetVariable, capsules, SetVirtualAddressMap.
"""

from _efi import BOTH as BOTH
from _efi import CODE as CODE
from _efi import DATA as DATA
from _efi import DEVICE as DEVICE
from _efi import RO as RO
from _efi import UNCACHED as UNCACHED
from _efi import buffer as buffer
from _efi import call as call
from _efi import is_code as is_code
from _efi import raw_map as raw_map
from _efi import space as space
from _efi import system_table as system_table
from collections.abc import Iterator

def info() -> tuple[str, int, str]:
    """(vendor, firmware revision, UEFI version "2.70"), str, int, str.  Raises OSError."""

def tables() -> list[tuple[str, str, int]]:
    """Configuration tables (§4.6): [(GUID, name or "", address), ...].  Raises OSError."""

def memory_map() -> list[tuple[int, int, int, int]]:
    """UEFI's memory map when boot services ended (§7.2.3).

    [(base, size in bytes, type, attributes), ...], type and attributes as words.  Raises
    OSError(ENODEV).
    """

def get_time() -> tuple[int, int, int, int, int, int, int, int | None]:
    """(year, month, day, hour, minute, second, ns, zone), zone in minutes or None (§8.3)."""

def variables() -> Iterator[tuple[str, str]]:
    """Iterator over (name, GUID) of the variables visible at run time (§8.2).  Raises OSError."""

def variable(name: str, guid: str) -> tuple[int, bytes]:
    """(attributes, value) of a variable, int and bytes (§8.2).  Raises OSError(ENOENT)."""

def reset(kind: str = "cold") -> None:
    """ResetSystem: 'cold', 'warm' or 'shutdown' (§8.5.1).  Returns only by an exception."""
