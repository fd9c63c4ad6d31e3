# Made by `inv stubs` from frozen/probe/smbios.py: do not edit.
"""SMBIOS structures by field name (DMTF DSP0134 3.6), from UEFI's pointer or QEMU's fw_cfg.

structures(), find(1), dump().  Not done: structure types without a map, which are shown as bytes.
"""

from _typeshed import Incomplete

class SmbiosError(ValueError):
    """No SMBIOS entry point, or structures that are none."""

class Structure:
    """.type .handle .name, .strings of its string set, .fields: [(name, offset, value), …].

    raw: the formatted part, bytes.  Values are int or str; 'Data' is bytes that no map names.
    """

    type: Incomplete
    handle: Incomplete
    raw: Incomplete
    strings: Incomplete
    name: Incomplete
    fields: list[Incomplete]
    def __init__(self, raw: Incomplete, strings: Incomplete) -> None: ...
    def __repr__(self) -> str: ...
    def __getitem__(self, name: Incomplete) -> Incomplete:
        """Value of a field by name.  Raises KeyError."""
    def dump(self) -> None:
        """Print the structure."""

def decode(data: Incomplete) -> list[Incomplete]:
    """Structures in these bytes (§6.1): list of Structure.  Raises SmbiosError."""

def raw() -> bytes | bytearray:
    """Bytes of the machine's structures; empty without SMBIOS."""

def structures() -> list[Structure]:
    """The machine's structures, read anew; [] without SMBIOS.  Raises ValueError where bad."""

def find(kind: int) -> list[Structure]:
    """Structures of one type: find(1)[0]['Product Name']."""

def dump(kind: int | None = None) -> None:
    """Print all structures, or those of one type."""
