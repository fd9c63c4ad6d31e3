# Made by `inv stubs` from frozen/system/ramdisk.py: do not edit.
"""Block device over a piece of memory."""

from _typeshed import Incomplete

class RamDisk:
    """MicroPython's block protocol, simple and extended, over region (a writable buffer).

    Blocks of 512 bytes; what is left over at the end is not used. Keeps its content as long as
    the memory does: over a soft reset, not over a reset.
    """
    def __init__(self, region: Incomplete) -> None: ...
    def readblocks(self, block: Incomplete, buf: Incomplete, offset: int = 0) -> int: ...
    def writeblocks(self, block: Incomplete, buf: Incomplete, offset: int = 0) -> int: ...
    def ioctl(self, op: Incomplete, arg: Incomplete) -> Incomplete: ...
