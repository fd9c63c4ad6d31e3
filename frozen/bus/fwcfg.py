"""QEMU's firmware configuration device: files that the hypervisor hands over.

QEMU docs/specs/fw_cfg: registers are big endian, data comes byte after byte.  Not done: DMA, and
so writing.
"""

import errno
import struct

from micropython import const

_DATA = const(0x00)  # RO, any width
_SELECTOR = const(0x08)  # WO, 16 bits, big endian
_SIGNATURE = const(0x0000)  # keys
_DIRECTORY = const(0x0019)
_FILES = const(1024)
_BYTES = const(0x400000)  # of one file that is read whole


def text(raw):
    """Name in a field of 56 bytes.  Raises ValueError."""
    stop = raw.find(b"\0")
    return str(bytes(raw[:stop] if stop >= 0 else raw), "utf-8")


class FwCfg:
    """regs: mmio.Regs of the device, 16 bytes or more.  Raises OSError(ENODEV) where it is not."""

    def __init__(self, regs):
        self._r = regs
        self._files = None
        if self.key(_SIGNATURE, 4) != b"QEMU":
            raise OSError(errno.ENODEV, "no fw_cfg at 0x%x" % regs.base)

    def key(self, key, size):
        """The first size bytes of an item by number, as bytearray."""
        if not 0 <= size <= _BYTES:
            raise ValueError("fw_cfg item of %d bytes" % size)
        buf = bytearray(size)
        view = memoryview(buf)
        self._r.write16(_SELECTOR, (key & 0xFF) << 8 | key >> 8)
        whole = size & ~7
        if whole:
            self._r.fifo_read(_DATA, view[:whole], 64)
        if size > whole:
            self._r.fifo_read(_DATA, view[whole:], 8)
        return buf

    def files(self):
        """name -> (key, bytes)."""
        if self._files is None:
            count = struct.unpack(">I", self.key(_DIRECTORY, 4))[0]
            if count > _FILES:
                raise ValueError("fw_cfg has %d files" % count)
            listed = self.key(_DIRECTORY, 4 + 64 * count)
            found = {}
            for at in range(4, len(listed), 64):
                size, key, _ = struct.unpack_from(">IHH", listed, at)
                found[text(listed[at + 8 : at + 64])] = (key, size)
            self._files = found
        return self._files

    def read(self, name):
        """Content of a file, as bytearray.  Raises OSError(ENOENT), ValueError above 4 MiB."""
        if name not in self.files():
            raise OSError(errno.ENOENT, name)
        return self.key(*self.files()[name])


def from_tree():
    """The device that the hand-off's device tree names; None without a tree or a device."""
    import boot

    import fdt
    import physmem

    address = boot.hw()["fdt"]
    if not address:
        return None
    for node in fdt.Tree(physmem.ram().read, address).find("qemu,fw-cfg-mmio"):
        if node.reg:
            return _open(*node.reg[0])
    return None


def device():
    """The machine's fw_cfg, by device tree or ACPI.  Raises OSError(ENODEV)."""
    import acpi

    found = from_tree()
    if found is None:
        listed = acpi.find("QEMU0002")
        if listed is None or not listed.memory:
            raise OSError(errno.ENODEV, "this machine has no fw_cfg")
        found = _open(*listed.memory[0])
    return found


def _open(base, size):
    import mmio

    return FwCfg(mmio.Regs(base, size, 64, "fw_cfg"))
