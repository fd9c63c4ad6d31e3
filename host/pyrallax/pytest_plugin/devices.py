"""Which devices a machine has, for the marker needs_device."""

import ast
import re

from .managed import ManagedVm

_VIRTIO = 0x1AF4  # its modern ids are 0x1040 + the device type (VIRTIO 1.2 §4.1.2, §5)
# (class, subclass, programming interface) as 24 bits, how many of them count.
_CLASSES = {
    "ahci": (0x010601, 24),
    "nvme": (0x010802, 24),
    "uhci": (0x0C0300, 24),
    "ehci": (0x0C0320, 24),
    "xhci": (0x0C0330, 24),
    "ethernet": (0x0200, 16),
    "display": (0x03, 8),
    "audio": (0x04, 8),
}
_VIRTIO_TYPES = {
    "virtio-net": (1, 0x1000),
    "virtio-blk": (2, 0x1001),
    "virtio-console": (3, 0x1003),
    "virtio-rng": (4, 0x1005),
    "virtio-scsi": (8, 0x1004),
    "virtio-9p": (9, 0x1009),
    "virtio-gpu": (16, None),
    "virtio-input": (18, None),
    "virtio-vsock": (19, 0x1012),
}
_PCI = re.compile(r"([0-9a-f]{4}):([0-9a-f]{4})", re.IGNORECASE)
_ACPI = re.compile(r"[A-Z]{3}[0-9A-F]{4}|[A-Z0-9]{4}[0-9A-F]{4}")
_FUNCTIONS = "import pci\nprint([(f.vendor, f.device, f.class_) for f in pci.scan()])"
_ACPI_DEVICES = "import acpi\nprint([d.hid for d in acpi.devices() if d.hid])"


def known(name: str) -> bool:
    """Whether this can be a device at all."""
    return bool(
        name in _CLASSES or name in _VIRTIO_TYPES or _PCI.fullmatch(name) or _ACPI.fullmatch(name)
    )


def unknown(name: str) -> str:
    """What to write in place of this name."""
    names = ", ".join([*_CLASSES, *_VIRTIO_TYPES])
    return f"no such device: {name!r}; names are {names}, VVVV:DDDD (PCI) and ids of ACPI"


def missing(vm: ManagedVm, name: str) -> str:
    """Why a test that needs it cannot run, "" when it is there.  Raises what Repl.exec raises."""
    if _ACPI.fullmatch(name):
        there = ast.literal_eval(vm.ask(_ACPI_DEVICES))
        return "" if name in there else f"no {name} in the ACPI tables of this machine"
    functions = ast.literal_eval(vm.ask(_FUNCTIONS))
    if any(_is(name, *function) for function in functions):
        return ""
    has = ", ".join(sorted({_called(*function) for function in functions})) or "no PCI function"
    return f"no {name} on this machine; it has {has}"


def _is(name: str, vendor: int, device: int, class_: int) -> bool:
    if numbers := _PCI.fullmatch(name):
        return (vendor, device) == (int(numbers[1], 16), int(numbers[2], 16))
    if name in _CLASSES:
        value, bits = _CLASSES[name]
        return class_ >> (24 - bits) == value
    kind, legacy = _VIRTIO_TYPES[name]
    return vendor == _VIRTIO and device in (0x1040 + kind, legacy)


def _called(vendor: int, device: int, class_: int) -> str:
    for name in (*_VIRTIO_TYPES, *_CLASSES):
        if _is(name, vendor, device, class_):
            return name
    return f"{vendor:04x}:{device:04x}"
