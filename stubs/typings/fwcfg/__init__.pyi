# Made by `inv stubs` from frozen/bus/fwcfg.py: do not edit.
"""QEMU's firmware configuration device: files that the hypervisor hands over.

QEMU docs/specs/fw_cfg: registers are big endian, data comes byte after byte.  Not done: DMA, and
so writing.
"""

from _typeshed import Incomplete

def text(raw: Incomplete) -> str:
    """Name in a field of 56 bytes.  Raises ValueError."""

class FwCfg:
    """regs: mmio.Regs of the device, 16 bytes or more.  Raises OSError(ENODEV) where it is not."""
    def __init__(self, regs: Incomplete) -> None: ...
    def key(self, key: int, size: int) -> bytearray:
        """The first size bytes of an item by number, as bytearray."""
    def files(self) -> dict[str, tuple[int, int]]:
        """name -> (key, bytes)."""
    def read(self, name: str) -> bytearray:
        """Content of a file, as bytearray.  Raises OSError(ENOENT), ValueError above 4 MiB."""

def from_tree() -> FwCfg | None:
    """The device that the hand-off's device tree names; None without a tree or a device."""

def device() -> FwCfg:
    """The machine's fw_cfg, by device tree or ACPI.  Raises OSError(ENODEV)."""
