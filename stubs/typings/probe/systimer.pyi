# Made by `inv stubs` from frozen/probe/systimer.py: do not edit.
"""The generic timer as a device: its system registers (Arm ARM D13.8) behind one map."""

from probe.view import View

def view() -> View:
    """The View of those that this CPU has.  Writing raises what sysreg.write() does."""
