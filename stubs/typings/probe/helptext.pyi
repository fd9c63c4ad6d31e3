# Made by `inv stubs` from frozen/probe/helptext.py: do not edit.
"""What help() says of the toolkit: MicroPython keeps no docstrings.

tests/unit/test_help.py holds it against the modules.
"""

from _typeshed import Incomplete

def help(what: Incomplete | None = None) -> None:
    """Print what the toolkit has, or what a module, function or name of it does.

    what: one of them, or its name as text; a device, its name, or a register, which is not read;
    other objects get MicroPython's help.
    """
