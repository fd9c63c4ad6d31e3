"""ACPI tables and devices, found at first use (ACPI 6.5 §5.2).

tables(), table('MCFG'), dump('APIC'), devices(), find('PRL4010'), namespace(), refused().  The
tables are copies; what they lead to that is broken is refused and logged, never followed.
"""

import errno

from acpi_tables import Root
from aml import Namespace

_found = None  # what this session has found; reload() forgets it


class System:
    """Everything that one root pointer leads to.  read(address, bytes) raises ValueError."""

    def __init__(self, read, rsdp, log=None):
        self.root = Root(read, rsdp, log)
        self.tables = self.root.tables
        self._log = log
        self._space = None
        self._devices = None

    def namespace(self):
        """Namespace of the DSDT and all SSDTs with good checksums."""
        if self._space is None:
            space = Namespace()
            for table in self.tables:
                if table.signature in ("DSDT", "SSDT") and self.root.sound(table):
                    space.load(table.raw(), table.signature)
            for path, why in space.refused:
                self.root.refuse(path, why)
            self._space = space
        return self._space

    def devices(self):
        """Every Device of the namespace, as declared."""
        if self._devices is None:
            from acpi_devices import Device

            space = self.namespace()
            self._devices = [Device(space, node) for node in space.devices]
        return self._devices


def _log(text):
    import klog

    klog.log(4, text)


def _place(keep):
    """Allocator for the table loader, in the Python heap: keep holds what may not be collected."""
    import uctypes

    def place(size, align):
        room = bytearray(size + align - 1)
        keep.append(room)
        shift = -uctypes.addressof(room) % align
        return uctypes.addressof(room) + shift, memoryview(room)[shift : shift + size]

    return place


def _from_fw_cfg(keep):
    """Address of the root pointer that QEMU's table loader makes; 0 without."""
    import fwcfg
    import fwcfg_loader

    try:
        device = fwcfg.from_tree()
        if device is None or "etc/table-loader" not in device.files():
            return 0
        files = fwcfg_loader.run(device.read("etc/table-loader"), device.read, _place(keep))
        return files["etc/acpi/rsdp"][0] if "etc/acpi/rsdp" in files else 0
    except (ValueError, OSError) as why:
        _log("acpi: fw_cfg refused: %s" % why)
        return 0


def system():
    """The machine's System; None where it has no ACPI."""
    global _found
    if _found is None:
        import boot

        import physmem

        keep = []
        rsdp = boot.hw()["rsdp"] or _from_fw_cfg(keep)
        _found = (System(physmem.ram().read, rsdp, _log) if rsdp else None, keep)
    return _found[0]


def reload():
    """Forget the tables: the next use reads them again."""
    global _found
    _found = None


def _system():
    found = system()
    if found is None:
        raise OSError(errno.ENODEV, "this machine has no ACPI tables")
    return found


def tables():
    """Every Table, RSDP and XSDT first; [] on a machine without ACPI."""
    found = system()
    return list(found.tables) if found else []


def table(signature, n=0):
    """The n-th Table of that signature or None.  Raises OSError(ENODEV) without any ACPI."""
    found = [t for t in _system().tables if t.signature == signature]
    return found[n] if n < len(found) else None


def namespace():
    """aml.Namespace of the machine.  Raises OSError(ENODEV)."""
    return _system().namespace()


def devices():
    """Every acpi_devices.Device, as declared; [] on a machine without ACPI."""
    found = system()
    return found.devices() if found else []


def find(name):
    """The first present Device with this _HID or _CID ('PRL4010'), or None.

    A device is present unless its _STA is known to say otherwise.  Raises OSError(ENODEV).
    """
    for device in _system().devices():
        if device.matches(name):
            sta = device.sta
            if not isinstance(sta, int) or sta & 1:
                return device
    return None


def refused():
    """[(what, why), …] of tables and AML that were no good."""
    found = system()
    if found is None:
        return []
    for each in found.tables:
        found.root.sound(each)
    found.namespace()
    return list(found.root.refused)


def dump(signature, n=0):
    """Print the fields of a table as iasl names them; of an unknown one its header and bytes.

    Raises OSError(ENOENT) where there is no such table.
    """
    found = table(signature, n)
    if found is None:
        raise OSError(errno.ENOENT, "no table %s" % signature)
    found.dump()
