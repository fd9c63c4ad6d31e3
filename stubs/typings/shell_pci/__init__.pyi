# Made by `inv stubs` from frozen/system/shell_pci.py: do not edit.
"""ush: pci."""

from _typeshed import Incomplete

def do_pci(sh: Incomplete, words: Incomplete) -> Incomplete: ...
