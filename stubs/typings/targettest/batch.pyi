# Made by `inv stubs` from frozen/targettest/batch.py: do not edit.
"""Batch mode, the boot option `batch`: run a file, say how it went, and power off."""

from _typeshed import Incomplete

def start(cmdline: Incomplete, scope: Incomplete) -> None:
    """With the option, run the file in `scope`, the globals of __main__, and power off.

    Comes back without it, and where the platform does not let the machine power off.
    """

def run(path: Incomplete, scope: Incomplete) -> Incomplete:
    """Run a file as a script; its exit status."""
