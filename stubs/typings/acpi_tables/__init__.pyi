# Made by `inv stubs` from frozen/bus/acpi_tables.py: do not edit.
"""From the root pointer to every ACPI table (ACPI 6.5 §5.2.5 to §5.2.9)."""

from _typeshed import Incomplete

class Table:
    """One table, copied: .signature .addr .length .revision .checksum_ok.

    A table with a wrong checksum is listed, but nothing is taken from it.
    """

    addr: int
    length: int
    signature: str
    revision: int
    def __init__(self, addr: int, data: bytes) -> None: ...
    def __repr__(self) -> str: ...
    @property
    def checksum_ok(self) -> bool:
        """Whether the bytes sum up to 0 (§5.2.6): both sums of an RSDP; a FACS has none."""
    def raw(self) -> bytes:
        """The whole table, bytes."""
    def fields(self) -> list[tuple[str, int, int | str | bytes]]:
        """[(name, offset, value), …]: int, str or bytes; see acpi_fields."""
    def dump(self) -> None:
        """Print the fields."""

class Root:
    """.tables: every Table that a root pointer leads to.  .refused: [(what, why), …].

    read(address, size) -> bytes, raising ValueError where nothing may be read.
    """

    tables: list[Table]
    refused: list[tuple[str, str]]
    def __init__(
        self, read: Incomplete, rsdp: Incomplete, log: Incomplete | None = None
    ) -> None: ...
    def refuse(self, what: Incomplete, why: Incomplete) -> None:
        """Note that something is not used, and log it."""
    def sound(self, table: Incomplete) -> Incomplete:
        """Whether something may be taken from a table; notes once that it may not."""
    def table(self, addr: Incomplete, name: Incomplete) -> Table | None:
        """Read the table at addr into .tables; None if it is refused."""
