# Made by `inv stubs` from frozen/system/shell_files.py: do not edit.
"""ush: ls, load, save.  A device is a part of the tree that Python sees."""

from _typeshed import Incomplete

def place(interface: Incomplete, device: Incomplete) -> Incomplete:
    """The folder that a device is: "" for the tree's root.  Raises Failed."""

def do_ls(sh: Incomplete, words: Incomplete) -> None: ...
def do_load(sh: Incomplete, words: Incomplete) -> None: ...
def do_save(sh: Incomplete, words: Incomplete) -> None: ...
