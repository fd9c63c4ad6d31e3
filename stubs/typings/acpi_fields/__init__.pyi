# Made by `inv stubs` from frozen/bus/acpi_fields.py: do not edit.
"""Fields of ACPI tables by the names that iasl gives them; maps in acpi_maps.

Not done: MADT subtables of other architectures, which are shown as bytes.
"""

from _typeshed import Incomplete

def fields(
    signature: Incomplete, data: Incomplete
) -> list[tuple[Incomplete, Incomplete, Incomplete]]:
    """[(name, offset, value), …] of a table's bytes, as far as they go; never raises on them.

    Values are int, str or bytes.  A Generic Address Structure is given whole and by its fields,
    bits follow the field that they are of.  'Data': bytes that no map names.
    """

def dump(signature: Incomplete, data: Incomplete) -> None:
    """Print the fields in the manner of iasl -d."""
