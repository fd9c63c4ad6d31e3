# Made by `inv stubs` from frozen/probe/helpregs.py: do not edit.
"""help() of devices and registers: what there is and how it may be accessed; nothing is read."""

from _typeshed import Incomplete

def lines(what: Incomplete) -> Incomplete:
    """Lines for a Device, View, Map or register; None for another object."""
