# Made by `inv stubs` from frozen/probe/hwtimings.py: do not edit.
"""Timings of standard operations, for the hardware report: what an access costs on this host."""

from _typeshed import Incomplete

def timings() -> Incomplete:
    """{operation: {"ns": each, "count": of the mean}}"""
