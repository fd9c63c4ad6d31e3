# Made by `inv stubs` from frozen/system/loader_slip.py: do not edit.
"""SLIP frames (RFC 1055) out of a stream of bytes that may hold anything else, and into it.

A frame is what lies between two END bytes, so that a lost one costs the frame beside it alone.
"""

from _typeshed import Incomplete

MOST: int

def packed(data: Incomplete) -> Incomplete:
    """The bytes on the line of one frame."""

def unpacked(data: Incomplete) -> Incomplete:
    """What a frame holds, from the bytes between its ENDs; None for an escape that is none."""

class Decoder:
    """feed() bytes as they come, next() for the frames.

    open: the bytes since the last END, which may become a frame or be none; of too many the last.
    """
    def __init__(self) -> None: ...
    @property
    def open(self) -> Incomplete:
        """What has come of a frame that has not ended."""
    def reset(self) -> None:
        """Forget everything."""
    def feed(self, data: Incomplete) -> None:
        """Take bytes in."""
    def next(self) -> Incomplete:
        """The oldest frame that is complete, or None."""
