"""Device trees made by hand: what is found, what is refused."""

import struct

import fdt
from fdt import FdtError


class Maker:
    def __init__(self):
        self.body = b""
        self.strings = b""

    def begin(self, name):
        raw = name.encode() + b"\0"
        self.body += struct.pack(">I", 1) + raw + bytes(-len(raw) % 4)

    def prop(self, name, value):
        at = self.strings.find(name.encode() + b"\0")
        if at < 0:
            at = len(self.strings)
            self.strings += name.encode() + b"\0"
        self.body += struct.pack(">III", 3, len(value), at) + value + bytes(-len(value) % 4)

    def end(self, count=1):
        self.body += struct.pack(">I", 2) * count

    def nop(self):
        self.body += struct.pack(">I", 4)

    def tree(self, **head):
        body = self.body + struct.pack(">I", 9)
        total = 56 + len(body) + len(self.strings)
        fields = [0xD00DFEED, total, 56, 56 + len(body), 40, 17, 16, 0]
        fields += [len(self.strings), len(body)]
        for at, value in head.items():
            fields[int(at[1:])] = value
        return struct.pack(">10I", *fields) + bytes(16) + body + self.strings


def _virt():
    made = Maker()
    made.begin("")
    made.prop("#address-cells", b"\0\0\0\2")
    made.prop("#size-cells", b"\0\0\0\2")
    made.prop("compatible", b"linux,dummy-virt\0")
    made.begin("soc")
    made.prop("#address-cells", b"\0\0\0\1")
    made.nop()
    made.begin("dev@10")
    made.prop("reg", struct.pack(">IIII", 0x10, 4, 0x20, 8))
    made.prop("compatible", b"first\0second\0")
    made.end(2)
    made.begin("fw-cfg@9020000")
    made.prop("dma-coherent", b"")
    made.prop("reg", struct.pack(">QQ", 0x9020000, 0x18))
    made.prop("label", b"second\0")  # the text, but not of `compatible`
    made.prop("compatible", b"qemu,fw-cfg-mmio\0")
    made.end(2)
    return made


def _open(data):
    def read(address, size):
        if size < 0 or address + size > len(data):
            raise ValueError("outside")
        return data[address : address + size]

    return fdt.Tree(read, 0)


def test_find():
    tree = _open(_virt().tree())
    (node,) = tree.find("qemu,fw-cfg-mmio")
    assert (node.path, node.reg) == ("/fw-cfg@9020000", [(0x9020000, 0x18)])
    assert node.props["dma-coherent"] == b""
    (node,) = tree.find("second")
    assert (node.path, node.reg) == ("/soc/dev@10", [(0x10, 4), (0x20, 8)])
    assert [n.path for n in tree.find("linux,dummy-virt")] == [""]
    assert tree.find("sec") == [] and tree.find("none") == []


def _refused(data):
    try:
        for name in ("qemu,fw-cfg-mmio", "second"):
            _open(data).find(name)
    except ValueError:
        return True
    return False


def test_bad_headers():
    made = _virt()
    for change in (
        {"f0": 0xD00DFEEE},
        {"f2": 0xFFFFFF00},
        {"f2": 57},
        {"f3": 0x7FFFFFFF},
        {"f5": 16},
        {"f6": 18},
        {"f8": 0},
        {"f9": 0},
        {"f9": 0xFFFFFFFF},
    ):
        assert _refused(made.tree(**change)), change


def test_bad_structures():
    for damage in (b"\0\0\0\3", b"\0\0\0\1aaaa", b"\0\0\0\5", b"\0\0\0\3\xff\xff\xff\xff\0\0\0\0"):
        made = Maker()
        made.begin("")
        made.prop("compatible", b"other\0")
        made.body += damage
        made.prop("compatible", b"second\0")
        assert _refused(made.tree()), damage
    deep = Maker()
    for _ in range(100):
        deep.begin("a")
    deep.prop("compatible", b"second\0")
    assert _refused(deep.tree())
    outside = Maker()
    outside.begin("")
    outside.end()
    outside.prop("compatible", b"second\0")
    assert _refused(outside.tree())
    wide = Maker()
    wide.begin("")
    wide.prop("#address-cells", b"\0\0\0\x05")
    wide.begin("a")
    wide.prop("compatible", b"second\0")
    assert _refused(wide.tree())
    assert issubclass(FdtError, ValueError)


def test_cells_of_no_bytes_make_no_addresses():
    maker = Maker()
    maker.begin("")
    for name in ("#address-cells", "#size-cells"):
        maker.prop(name, bytes(4))
    maker.begin("thing")
    maker.prop("compatible", b"thing\0")
    maker.prop("reg", bytes(64))
    maker.end(2)
    (node,) = _open(maker.tree()).find("thing")
    assert node.reg == []
