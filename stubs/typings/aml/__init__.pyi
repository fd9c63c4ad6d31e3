# Made by `inv stubs` from frozen/bus/aml.py: do not edit.
"""The ACPI namespace: what DSDT and SSDTs declare, without executing them (ACPI 6.5 §5.3, §20.2).

Values are decoded when they are asked for (aml_eval).  Not done: executing AML; declarations
inside methods; tables that Load would add.
"""

from _typeshed import Incomplete

class Node:
    """One name.  kind: 'Device', 'Name', 'Method', 'FieldUnit' …

    kids: by name of four characters, Nodes or, of Names that nobody asked for, what a Node is made
    of; kid() gives Nodes.  code, at, end: the value, the body of a method; code of an alias is the
    name that it stands for.  flags: of a method, its number of arguments in bits 2:0.
    """

    name: Incomplete
    kind: Incomplete
    parent: Incomplete
    kids: dict[Incomplete, Incomplete]
    code: Incomplete
    at: int
    end: int
    flags: int
    def __init__(
        self,
        name: Incomplete,
        kind: Incomplete,
        parent: Incomplete,
        code: Incomplete | None = None,
        at: int = 0,
        end: int = 0,
    ) -> None: ...
    def kid(self, name: Incomplete) -> Incomplete:
        """Node of a name right below, or None."""
    @property
    def path(self) -> str:
        """As iasl writes it: '\\\\_SB.PCI0._CRS'."""
    def __repr__(self) -> str: ...

class Namespace:
    """Filled by load(), table by table.

    .root: Node.  .devices: Nodes as declared.  .refused: (path or table, why) of what is no good
    AML; .skipped: the same of good AML that would have to be executed.
    """

    root: Node
    devices: list[Incomplete]
    refused: list[Incomplete]
    skipped: list[Incomplete]
    left: list[int]
    def __init__(self) -> None: ...
    def load(self, table: Incomplete, name: str = "DSDT") -> None:
        """Add the declarations of a table of bytes (header and AML, §5.2.11).  Never raises on
        what is in it: see .refused."""
    def find(self, path: Incomplete, scope: Incomplete | None = None) -> Incomplete:
        """Node of a path as in ASL, aliases followed; None where there is none (§5.3)."""
