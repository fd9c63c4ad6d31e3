# Made by `inv stubs` from frozen/bus/fdt.py: do not edit.
"""Flattened device tree: nodes by what they are compatible with (Devicetree Specification 0.4 §5).

Not done: writing; phandles; ranges of buses (addresses are those of the node's bus).
"""

from _typeshed import Incomplete

class FdtError(ValueError):
    """No device tree, or a broken one."""

class Node:
    """path: '/fw-cfg@9020000'; props: name -> bytes; reg: [(address, size), …]."""

    path: Incomplete
    props: Incomplete
    reg: list[Incomplete]
    def __init__(self, path: Incomplete, props: Incomplete, above: Incomplete) -> None: ...
    def __repr__(self) -> str: ...

class Tree:
    """read(address, size) -> bytes gives the tree at `address`.  Raises FdtError, and what read
    raises."""
    def __init__(self, read: Incomplete, address: Incomplete) -> None: ...
    def find(self, compatible: Incomplete) -> list[Incomplete]:
        """Nodes that name this string in `compatible` (§2.3.1), in the tree's order."""
