"""Which partition becomes the root, which the ESP, by what the command line says."""

import sys

import klog
import mounts
from memdisk import Gpt, MemDisk, mbr

AREA = "storage"

EFI = bytes(
    (0x28, 0x73, 0x2A, 0xC1, 0x1F, 0xF8, 0xD2, 0x11, 0xBA, 0x4B, 0, 0xA0, 0xC9, 0x3E, 0xC9, 0x3B)
)
LINUX = bytes(
    (
        0xAF,
        0x3D,
        0xC6,
        0x0F,
        0x83,
        0x84,
        0x72,
        0x47,
        0x8E,
        0x79,
        0x3D,
        0x69,
        0xD8,
        0x47,
        0x7D,
        0xE4,
    )
)
ROOT = bytes(
    (
        0x45,
        0xB0,
        0x21,
        0xB9,
        0xF0,
        0x1D,
        0xC3,
        0x41,
        0xAF,
        0x44,
        0x4C,
        0x6F,
        0x28,
        0x0D,
        0x3F,
        0xAE,
    )
)


def disk_of(name, parts, block_size=512):
    """parts: (type, first, last, label, whether it has an ext2)."""
    disk = MemDisk(bytearray(block_size * 500), block_size, name)
    table = Gpt(disk)
    for n, (kind, first, last, label, ext2) in enumerate(parts):
        table.entry(n, 0, first, last, label)
        table.entries[n * 128 : n * 128 + 16] = kind
        if ext2:
            at = first * block_size + 1080
            disk.data[at : at + 2] = b"\x53\xef"
    table.write(disk)
    return disk


def chosen(disks, wanted=""):
    """Names of (root, ESP) by root=wanted."""
    found = [mounts.volumes(disk) for disk in disks]
    root = mounts.find_root([v for group in found for v in group], wanted)
    esp = mounts.find_esp(found, root)
    return root and root.name, esp and esp.name


def two():
    first = (
        (EFI, 40, 60, "efi", False),
        (LINUX, 70, 90, "old", False),
        (LINUX, 100, 200, "data", True),
    )
    second = ((ROOT, 40, 90, "root", True), (EFI, 100, 120, "efi", False))
    return [disk_of("sd0", first), disk_of("sd1", second)]


def test_the_root_is_the_first_of_its_type():
    assert chosen(two()) == ("sd1p1", "sd1p2")
    assert chosen(two()[:1]) == ("sd0p3", "sd0p1")
    assert chosen([disk_of("sd0", ((ROOT, 40, 90, "broken", False),)), two()[1]])[0] == "sd0p1"


def test_4096_byte_blocks():
    assert chosen([disk_of("sd0", ((LINUX, 40, 90, "a", True),), 4096)]) == ("sd0p1", None)


def test_by_name_guid_and_label():
    for wanted in ("sd0p3", "PARTLABEL=data", "PARTUUID=03030303-0303-0303-0303-030303030303"):
        assert chosen(two(), wanted)[0] == "sd0p3", wanted
    assert chosen(two(), "PARTLABEL=efi") == ("sd0p1", "sd0p1")


def test_what_is_not_there_has_no_substitute():
    klog.taken()
    assert chosen(two(), "sd2p1") == (None, "sd0p1")
    assert "root=sd2p1 is not there; there are: sd0p1 sd0p2 sd0p3 sd1p1 sd1p2" in klog.taken()
    assert chosen([], "sd0") == (None, None) and "there are: none" in klog.taken()
    assert chosen(two(), "PARTLABEL=sd0p3")[0] is None
    assert chosen(two(), "none") == (None, "sd0p1")


def test_a_disk_without_a_table():
    disk = MemDisk(bytearray(512 * 500), 512, "sd0")
    assert chosen([disk]) == (None, None)
    disk.data[1080:1082] = b"\x53\xef"
    assert chosen([disk]) == ("sd0", None) == chosen([disk], "sd0")


def test_mbr():
    disk = MemDisk(bytearray(512 * 500), 512, "sd0")
    mbr(disk, [(0xEF, 40, 20), (0x83, 100, 20), (0x83, 200, 20)])
    disk.data[200 * 512 + 1080 : 200 * 512 + 1082] = b"\x53\xef"
    assert chosen([disk]) == ("sd0p3", "sd0p1")


def test_broken_disks_are_told_and_passed_over():
    broken, sound = two()
    broken.data[512] = broken.data[499 * 512] = 0
    klog.taken()
    assert chosen([broken, sound]) == ("sd1p1", "sd1p2")
    assert "mounts: sd0: both GPTs are broken" in klog.taken()
    dead, sound = two()
    dead.bad.add(0)
    assert chosen([dead, sound])[0] == "sd1p1"
    assert "mounts: sd0: block 0 is not readable" in klog.taken()
    weak = two()[0]
    weak.bad.add(102)
    assert chosen([weak])[0] is None and "sd0p3: block 2 is not readable" in klog.taken()


def test_options():
    found = mounts.options("a=1 root=sd0p2 noautomount  root=x rootflags=sb=3,ro")
    assert found == {"a": "1", "root": "sd0p2", "noautomount": "", "rootflags": "sb=3,ro"}


def test_flags():
    assert mounts.flags("") == {}
    found = mounts.flags("ro,sb=32768,cache=8m,errors=continue")
    assert found == {
        "read_only": True, "sb": 32768, "cache": 8 << 20, "errors": "continue",
    }  # fmt: skip
    assert mounts.flags("cache=65536") == {"cache": 65536}
    for bad in ("r0", "sb=x", "cache=m", "ro,,x"):
        try:
            mounts.flags(bad)
        except ValueError:
            continue
        raise AssertionError(bad)


class Tables:
    """In place of acpi: tables with these bytes."""

    def __init__(self, *codes):
        self.codes = codes

    def tables(self):
        return [Table(code) for code in self.codes]


class Table:
    def __init__(self, code):
        self.signature, self.code = code[:4].decode(), code

    def raw(self):
        return self.code


def test_the_platform_controller_in_the_tables():
    real = sys.modules.get("acpi")
    try:
        for codes, there in (
            ((b"FACP PRL4010", b"DSDT nothing"), False),
            ((b"FACP", b"DSDT ..\x0dPRL4010\0"), True),
            ((b"DSDT", b"SSDT ..\x0c\x42\x4c\x40\x10"), True),
            ((), False),
        ):
            sys.modules["acpi"] = Tables(*codes)
            assert mounts._in_acpi() == there, codes
    finally:
        del sys.modules["acpi"]
        if real:
            sys.modules["acpi"] = real
