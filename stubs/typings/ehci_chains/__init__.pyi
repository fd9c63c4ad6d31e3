# Made by `inv stubs` from frozen/usb/ehci_chains.py: do not edit.
"""A transfer as hardware has it: a chain of qTDs (EHCI 1.0 §3.5, §4.10)."""

from _typeshed import Incomplete

def step(mps: Incomplete) -> Incomplete:
    """Bytes that a qTD is made for: whole packets, wherever they begin."""

def count(t: Incomplete, mps: Incomplete) -> Incomplete:
    """Qtds that a transfer takes."""

def fill(t: Incomplete, mps: Incomplete, wide: Incomplete) -> Incomplete:
    """All of the chain but its links; gives the first one's token, which is not written yet."""

def last_of(qtd: Incomplete) -> Incomplete:
    """The last of a chain."""

def chain(t: Incomplete, following: Incomplete) -> None:
    """Links for hardware; a short packet leads on to what comes after the data."""

def look(t: Incomplete) -> Incomplete:
    """1 under way, 0 done, -errno; sets actual and code of the transfer."""
