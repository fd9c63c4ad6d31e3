"""fw_cfg over a model of its registers, and the table loader."""

import struct

import fwcfg
import fwcfg_loader as loader
import mmio
from fwcfg_loader import LoaderError
from raising import raises


class Model:
    """Selector and data register as QEMU's: bytes of the item, one after the other."""

    def __init__(self, files, signature=b"QEMU"):
        self.items = {0: signature}
        entries = b""
        for key, name in enumerate(sorted(files)):
            self.items[0x20 + key] = files[name]
            entries += struct.pack(">IHH56s", len(files[name]), 0x20 + key, 0, name.encode())
        self.items[0x19] = struct.pack(">I", len(files)) + entries
        self.selected = b""
        self.widths = []

    def write(self, off, bits, value):
        assert (off, bits) == (8, 16)
        self.selected = self.items.get((value & 0xFF) << 8 | value >> 8, b"")

    def read(self, off, bits):
        assert off == 0
        self.widths.append(bits)
        part = (self.selected + bytes(8))[: bits // 8]
        self.selected = self.selected[bits // 8 :]
        return int.from_bytes(part, "little")


def _device(files, **options):
    model = Model(files, **options)
    return fwcfg.FwCfg(mmio.Regs(0x9020000, 24, 64, "fw_cfg", model=model)), model


def test_files():
    content = bytes(range(21))
    device, model = _device({"etc/a": content, "opt/b": b"", "etc/c": b"12345678"})
    assert sorted(device.files()) == ["etc/a", "etc/c", "opt/b"]
    del model.widths[:]
    assert device.read("etc/a") == content
    assert model.widths == [64, 64, 8, 8, 8, 8, 8]
    assert device.read("opt/b") == b"" and device.read("etc/c") == b"12345678"
    raises(OSError, device.read, "etc/none")


def test_no_device():
    try:
        _device({}, signature=b"XXXX")
    except OSError as why:
        assert why.args[0] == 19
    else:
        raise AssertionError("a device without its signature")


def test_hostile_directory():
    device, model = _device({})
    model.items[0x19] = b"\xff\xff\xff\xff"
    raises(ValueError, device.files)
    device, model = _device({"big": b""})
    model.items[0x19] = model.items[0x19][:4] + b"\xff" + model.items[0x19][5:]
    raises(ValueError, device.read, "big")


def _allocate(name, align=64):
    return struct.pack("<I56sIB", 1, name.encode(), align, 1) + bytes(63)


def _pointer(name, target, offset, size=8):
    return struct.pack("<I56s56sIB", 2, name.encode(), target.encode(), offset, size) + bytes(7)


def _checksum(name, at, start, length):
    return struct.pack("<I56sIII", 3, name.encode(), at, start, length) + bytes(56)


class Place:
    def __init__(self):
        self.next = 0x40000000
        self.asked = []

    def __call__(self, size, align):
        self.asked.append((size, align))
        address = self.next
        self.next += 0x10000
        return address, bytearray(size)


def _run(script, files, place=None):
    return loader.run(script, lambda name: files[name], place or Place())


def test_script():
    files = {"tables": struct.pack("<QQ", 3, 0x20) + bytes(16), "rsdp": bytes(range(16))}
    script = _allocate("rsdp", 16) + _allocate("tables")
    script += _pointer("tables", "tables", 8) + _pointer("rsdp", "tables", 4, 4)
    script += _checksum("tables", 0, 0, 32) + struct.pack("<I", 4) + bytes(124)
    place = Place()
    done = _run(script, files, place)
    assert place.asked == [(16, 16), (32, 64)]
    tables = done["tables"][1]
    assert done["tables"][0] == 0x40010000
    assert struct.unpack_from("<Q", tables, 8)[0] == 0x40010020
    assert sum(tables) & 0xFF == 0
    assert struct.unpack_from("<I", done["rsdp"][1], 4)[0] == (0x07060504 + 0x40010000)


def test_zeros_at_the_end_are_left_out():
    files = {"tables": b"x" * 100 + bytes(0x20000 - 100)}
    place = Place()
    assert len(_run(_allocate("tables"), files, place)["tables"][1]) == 0x1000
    script = _allocate("tables") + _checksum("tables", 0, 0x5000, 0x100)
    assert len(_run(script, files, place)["tables"][1]) == 0x6000


def test_bad_scripts():
    files = {"tables": bytes(64), "small": bytes(2)}
    good = _allocate("tables")
    for script in (
        good[:-1],
        struct.pack("<I", 9) + bytes(124),
        good + good,
        _allocate("tables", 3),
        _allocate("tables", 0),
        _pointer("tables", "tables", 0),
        good + _pointer("tables", "other", 0),
        good + _pointer("tables", "tables", 60),
        good + _pointer("tables", "tables", 0, 3),
        good + _pointer("tables", "tables", 0, 2),
        good + _checksum("tables", 64, 0, 8),
        good + _checksum("tables", 0, 32, 0xFFFFFFFF),
        _allocate("small") + _checksum("small", 0, 0, 3),
    ):
        raises(LoaderError, _run, script, files)
