"""Builtins of the firmware beside Python's own.  Pylance and pyright read this file."""

from typing import TypeVar

from klog import dmesg as dmesg
from machine import BusError as BusError

_Value = TypeVar("_Value")

def const(expr: _Value, /) -> _Value:
    """What the compiler takes as a constant."""
