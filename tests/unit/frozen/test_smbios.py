"""SMBIOS structures: fields, strings, and what is refused."""

import struct

from probe import smbios


def _structure(kind, body, *strings):
    text = b"".join(s.encode() + b"\0" for s in strings) or b"\0"
    return struct.pack("<BBH", kind, 4 + len(body), kind << 8) + body + text + b"\0"


_END = _structure(127, b"")


def test_system_information():
    uuid = bytes(range(16))
    body = b"\1\2\0\3" + uuid + b"\6\4\0"
    data = _structure(1, body, "Maker", "Product", "123", "SKU") + _END
    system, end = smbios.decode(data)
    assert (system.type, system.handle, system.name) == (1, 0x100, "System Information")
    assert system["Manufacturer"] == "Maker" and system["Product Name"] == "Product"
    assert system["Version"] == "" and system["Serial Number"] == "123"
    assert system["UUID"] == "03020100-0504-0706-0809-0a0b0c0d0e0f"
    assert ("Wake-up Type", 24, 6) in system.fields
    assert end.type == 127 and end.fields == []


def test_short_and_long_structures():
    short, long, unknown = smbios.decode(
        _structure(17, struct.pack("<HHHHH", 1, 2, 64, 64, 512))
        + _structure(32, bytes(6) + b"\7" + b"extra")
        + _structure(200, b"\1\2\3", "a", "b")
        + _END
    )[:3]
    assert short["Size"] == 512 and short.fields[-1][0] == "Size"
    assert long.fields[1:] == [("Boot Status", 10, 7), ("Data", 11, b"extra")]
    assert unknown.name == "Type 200" and unknown.fields == [("Data", 4, b"\1\2\3")]
    assert unknown.strings == ["a", "b"]
    try:
        short["Speed"]
    except KeyError:
        pass
    else:
        raise AssertionError("a field beyond the end")


def test_string_numbers_beyond_the_set():
    (bios, _) = smbios.decode(_structure(0, b"\1\x09\0\0\2\x10", "one", "\x01two") + _END)
    assert [v for _, _, v in bios.fields] == ["one", "", 0, "?two", 16]


def test_every_map_fits():
    """Each type in full, with a byte pattern; no field is lost or overlaps."""
    for kind in (0, 1, 2, 3, 4, 7, 9, 16, 17, 19, 32):
        (found, _) = smbios.decode(_structure(kind, bytes(100), "x") + _END)
        at = 4
        for name, offset, value in found.fields:
            assert offset == at, (kind, name)
            if isinstance(value, bytes):
                assert name == "Data"
                at += len(value)
            else:
                following = [o for _, o, _ in found.fields if o > offset]
                at = following[0]
        assert at == 104


def test_refused():
    good = _structure(1, bytes(23))
    for data in (
        good[:-1],
        b"\1\3\0\0\0\0",
        b"\1\xff\0\0" + bytes(20),
        good * 5000,
    ):
        try:
            smbios.decode(data)
        except smbios.SmbiosError:
            continue
        raise AssertionError(data[:8])


def test_entry_points():
    three = bytearray(struct.pack("<5sBBBBBBxIQ", b"_SM3_", 0, 24, 3, 0, 0, 1, 0x100, 0x123456789))
    three[5] = -sum(three) & 0xFF
    assert smbios._entry(bytes(three) + bytes(8)) == (0x123456789, 0x100)
    two = bytearray(31)
    two[:4] = b"_SM_"
    two[5] = 31
    struct.pack_into("<HI", two, 22, 0x80, 0x40001000)
    two[4] = -sum(two) & 0xFF
    assert smbios._entry(bytes(two) + b"\0") == (0x40001000, 0x80)
    for bad in (bytes(32), bytes(three[:5]) + bytes(27), bytes(two[:30]) + b"\1\0"):
        try:
            smbios._entry(bad)
        except smbios.SmbiosError:
            continue
        raise AssertionError("a bad entry point")
