# Made by `inv stubs` from frozen/system/loader_registers.py: do not edit.
"""Addresses 0 to 0xFFF of READ_REG and WRITE_REG: what the protocol has no operation for.

No memory is there on any machine (page 0 is never mapped).  All are words.
"""

from _typeshed import Incomplete

MAGIC: int
VERSION: int
CHECK: int
MEDIA: int
MEDIUM: int
KIND: int
SIZE_LO: int
SIZE_HI: int
BLOCK: int
WINDOW_LO: int
WINDOW_HI: int
NAME: int
NAME_END: int
REASON: int
REASON_END: int
END: int

class Registers:
    """media: [Medium, …].  strict, window, medium (None without any), reason: what they say."""

    strict: bool
    window: Incomplete
    reason: str
    def __init__(self, media: Incomplete) -> None: ...
    def reset(self) -> None:
        """As a client expects to find them."""
    @property
    def medium(self) -> Incomplete:
        """The chosen Medium.  Raises Refused where there is no disk."""
    def read(self, at: Incomplete) -> Incomplete:
        """The value of a register.  Raises Refused."""
    def write(self, at: Incomplete, value: Incomplete, mask: Incomplete) -> None:
        """Change the bits of a mask.  Raises Refused."""
