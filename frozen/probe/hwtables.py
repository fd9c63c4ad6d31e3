"""Parts of the hardware report that tables and buses describe: ACPI, SMBIOS, PCI."""

import boot

from .hwvalues import base64, each, hex_text


def _table(t):
    return {
        "signature": t.signature,
        "address": hex_text(t.addr),
        "length": t.length,
        "checksum_ok": bool(t.checksum_ok),
        "raw": base64(t.raw()),
    }


def _window(kind, first, last, shift, bits, prefetchable):
    return {
        "kind": kind,
        "first": hex_text(first),
        "last": hex_text(last),
        "shift": hex_text(shift),
        "bits": bits,
        "prefetchable": prefetchable,
    }


def _plain(value):
    """A value of AML that JSON can have; text of others."""
    return value if value is None or isinstance(value, (int, str)) else str(value)


def _device(d):
    return {
        "path": d.path,
        "hid": d.hid,
        "cid": d.cid,
        "uid": _plain(d.uid),
        "adr": _plain(d.adr),
        "sta": _plain(d.sta),
        "memory": [[hex_text(base), size] for base, size in d.memory],
        "irqs": [list(irq) for irq in d.irqs],
        "windows": [_window(*window) for window in d.windows],
    }


def acpi():
    """All tables raw, the RSDP first, and the devices of the namespace."""
    import acpi as _acpi

    return {"tables": each(_acpi.tables(), _table), "devices": each(_acpi.devices(), _device)}


def _structure(s):
    return {
        "type": s.type,
        "handle": s.handle,
        "name": s.name,
        "fields": {label: str(value) for label, _, value in s.fields},
    }


def smbios():
    """The structures raw, and decoded."""
    from . import smbios as _smbios

    raw = _smbios.raw()
    return {"raw": base64(raw), "structures": each(_smbios.decode(raw), _structure)}


def _bar(bar):
    words = ["%s%u" % (bar.kind, bar.bits)]
    words += ["prefetchable"] if bar.prefetchable else []
    words += ["size assumed"] if bar.assumed else []
    words += [bar.problem] if bar.problem else []
    return {
        "index": bar.index,
        "base": hex_text(bar.address),
        "size": bar.size,
        "kind": " ".join(words),
    }


def _function(f):
    """With its configuration space: 4 KiB, or 256 bytes where the rest is empty."""
    import lspci

    data = bytearray(4096)
    f.cfg.readinto(0, data, 32)
    extended = any(data[256:]) and data[256:260] != b"\xff\xff\xff\xff"
    return {
        "bdf": f.bdf,
        "vendor": f.vendor,
        "device": f.device,
        "class": f.class_,
        "name": lspci.title(f).partition(" ")[2],
        "config": base64(data if extended else data[:256]),
        "bars": [_bar(b) for b in f.bars],
    }


def pci():
    """Every function."""
    import pci as _pci

    return {
        "ecam": [
            {"base": hex_text(base), "segment": segment, "first": first, "last": last}
            for base, segment, first, last in boot.hw()["ecam"]
        ],
        "functions": each(_pci.scan(), _function),
    }
