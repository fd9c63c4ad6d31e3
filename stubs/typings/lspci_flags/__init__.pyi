# Made by `inv stubs` from frozen/bus/lspci_flags.py: do not edit.
"""Bits as pciutils' lspci prints them."""

from _typeshed import Incomplete

def flags(words: Incomplete, value: Incomplete) -> str:
    """ "SERR@8 FastB2B@9" with + or - for each bit."""
