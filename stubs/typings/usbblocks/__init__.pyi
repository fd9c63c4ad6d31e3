# Made by `inv stubs` from frozen/usb/usbblocks.py: do not edit.
"""A medium in a USB device as a block device."""

from _typeshed import Incomplete
from irq import Held

class Disk:
    """MicroPython's block protocol: every call gives 0 or -errno and raises nothing.

    readblocks(n, buf, off=0), writeblocks(n, buf, off=0): off in bytes; any length.
    ioctl(op, arg=0): 1 init, 2 deinit, 3 sync, 4 blocks, 5 bytes of a block, 6 forget a block: 0.
    writefua(n, buf, off=0): on the medium when it returns.  areadblocks, awriteblocks: to be
    awaited.  name; blocks, block_size; read_only: writes give -EROFS.  gone: unplugged, or the
    medium was taken out; every call gives -ENODEV then, also when it comes back: as another Disk.
    unit: usbscsi.Unit.
    """

    name: Incomplete
    unit: Incomplete
    blocks: Incomplete
    block_size: Incomplete
    read_only: Incomplete
    gone: bool
    most: Incomplete
    readblocks: Held
    writeblocks: Held
    ioctl: Held
    def __init__(self, name: Incomplete, unit: Incomplete) -> None: ...
    def __repr__(self) -> str: ...
    def writefua(self, n: Incomplete, buf: Incomplete, off: int = 0) -> Incomplete:
        """As writeblocks(), and on the medium when it returns."""
    def flush(self) -> Incomplete:
        """What was written is on the medium when this returns 0."""
    async def areadblocks(self, n: Incomplete, buf: Incomplete, off: int = 0) -> Incomplete:
        """As readblocks() while other tasks run."""
    async def awriteblocks(self, n: Incomplete, buf: Incomplete, off: int = 0) -> Incomplete:
        """As writeblocks() while other tasks run."""
