"""hexdump, hexdiff, find and their like: what is read, what is printed."""

import builtins

import mmio
from probe import memory
from raising import raises

DEVICE = 0x9000000  # not in the machine's memory
RAM = 0x40000000


def printed(function, *args, **kwargs):
    """What a call prints, as lines."""
    out = []
    memory.print = lambda *words: out.append(" ".join(str(w) for w in words))
    try:
        function(*args, **kwargs)
    finally:
        memory.print = builtins.print
        mmio.detach_all()
    return out


def at(address, data):
    model = mmio.Seen(bytearray(data))
    mmio.attach(address, len(data), model)
    return model


def test_a_buffer():
    assert printed(memory.hexdump, b"0123456789abcdefXYZ\x00\xff") == [
        "00000000  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  |0123456789abcdef|",
        "00000010  58 59 5a 00 ff                                   |XYZ..|",
    ]
    assert len(printed(memory.hexdump, b"0123456789abcdefXYZ", 16)) == 1
    assert printed(memory.hexdump, b"") == []


def test_equal_rows_are_one_star():
    lines = printed(memory.hexdump, bytes(64) + b"a" * 16 + bytes(32))
    assert [line.split()[0] for line in lines] == [
        "00000000",
        "*",
        "00000040",
        "00000050",
        "*",
    ] + ["00000070"]


def test_widths():
    for width, cells in ((2, "1100 3322"), (4, "33221100 77665544"), (8, "7766554433221100")):
        model = at(DEVICE, bytes(0x11 * i for i in range(16)))
        (line,) = printed(memory.hexdump, DEVICE, 16, width)
        assert line.startswith("09000000  " + cells), line
        assert model.seen == [(i, 8 * width) for i in range(0, 16, width)]
        assert line.endswith('|.."3DUfw........|')


def test_devices_are_read_by_words_memory_by_bytes():
    model = at(DEVICE, bytes(16))
    printed(memory.hexdump, DEVICE, 16)
    assert [bits for _, bits in model.seen] == [32] * 4
    model = at(RAM, bytes(256))
    assert len(printed(memory.hexdump, RAM)) == 3
    assert len(model.seen) == 256 and model.seen[0] == (0, 8)


def test_dead_addresses_are_dashes_and_it_goes_on():
    at(DEVICE, b"abcdefgh")
    at(DEVICE + 0x20, b"0123456789abcdef")
    assert printed(memory.hexdump, DEVICE, 0x30, 4) == [
        "09000000  64636261 68676665 -------- --------  |abcdefgh????????|",
        "09000010  -------- -------- -------- --------  |????????????????|",
        "09000020  33323130 37363534 62613938 66656463  |0123456789abcdef|",
    ]


def test_what_hexdump_refuses():
    for args in ((DEVICE + 1, 16, 4), (DEVICE, 15, 2), (DEVICE, 16, 3), (DEVICE, -1)):
        assert raises(ValueError, memory.hexdump, *args), args


def test_hexdiff():
    assert printed(memory.hexdiff, b"abcdefgh" * 4, b"abcdefgh" * 3 + b"abXdefgH") == [
        "00000010  61 62 63 64 65 66 67 68 61 62 63 64 65 66 67 68",
        "          61 62 63 64 65 66 67 68 61 62 58 64 65 66 67 48",
        "          " + "   " * 10 + "^^" + " " * 13 + "^^",
        "2 of 32 bytes differ",
    ]
    at(RAM, b"abcd")
    assert printed(memory.hexdiff, b"abcdef", RAM, 4) == ["0 of 4 bytes differ"]


def test_find_in_buffers():
    assert memory.find("lo", b"hello, lo") == [3, 7]
    assert memory.find("lo", b"hello, llo", align=4) == [8]
    assert memory.find(0x6C6C, b"..ll\x00\x00..") == [2]
    assert memory.find(b"x", b"abc") == []
    assert memory.find(b"a", b"a" * 100, limit=5) == [0, 1, 2, 3, 4]
    assert memory.find(1 << 40, (1 << 40).to_bytes(8, "little")) == [0]


def test_find_at_addresses():
    mmio.attach(RAM, 0x2000, mmio.Memory(bytearray(4096) + b"needle" + bytes(4090)))
    mmio.attach(RAM + 0x4000, 0x1000, mmio.Memory(bytearray(4090) + b"needle"))
    try:
        assert memory.find("needle", RAM, 0x5000) == [RAM + 0x1000, RAM + 0x4FFA]  # over a hole
        assert memory.find("needle", RAM, 0x1005) == []
        assert "how many bytes" in raises(TypeError, memory.find, "needle", RAM)
    finally:
        mmio.detach_all()


def test_hexdiff_of_what_does_not_answer():
    assert printed(memory.hexdiff, DEVICE, DEVICE + 0x1000, 16) == [
        "09000000  " + "-- " * 15 + "--",
        "          " + "-- " * 15 + "--",
        "          ",
        "0 of 16 bytes differ, 16 do not answer",
    ]
    assert "counts from 0" in raises(ValueError, memory.hexdiff, b"ab", b"ab", -1)
    assert "counts from 0" in raises(ValueError, memory.hexdump, b"ab", -1)


def test_find_refuses():
    for arguments in ((b"a", b"aaa", None, 0), (b"a", b"aaa", None, -4), ("", b"aaa")):
        assert "from 1" in raises(ValueError, memory.find, *arguments), arguments
    assert memory.find(b"a", b"aaa", limit=0) == []


def test_fill_copy_compare():
    buf = bytearray(8)
    memory.fill(buf, 0x1122, width=2)
    assert buf == b"\x22\x11" * 4
    memory.fill(buf, 0, 2)
    assert buf == b"\x00\x00" + b"\x22\x11" * 3
    other = bytearray(6)
    memory.copy(other, buf)
    assert other == buf[:6] and memory.compare(other, buf) is None
    other[5] = 0
    assert memory.compare(buf, other) == 5
    assert "how many bytes" in raises(TypeError, memory.fill, RAM, 0)
