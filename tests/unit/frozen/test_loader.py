"""The serial loader: frames, requests, ranges of a disk, the whole of it on a line of bytes."""

import struct
import sys
from binascii import crc32

import loader
import loader_frames as lf
import loaderc
from loader_download import Download
from loader_media import DISK, Medium, Writer
from loader_registers import CHECK, MEDIUM, NAME, SIZE_LO, WINDOW_HI, WINDOW_LO
from loader_slip import MOST, Decoder, packed, unpacked
from memdisk import MemDisk

AREA = "host"


def raises(code, call, *args):
    try:
        call(*args)
    except lf.Refused as why:
        assert why.code == code, hex(why.code)
        return why.text
    raise AssertionError("not refused")


def frames(data, step=1 << 30):
    decoder = Decoder()
    out = []
    for at in range(0, len(data), step):
        decoder.feed(data[at : at + step])
        frame = decoder.next()
        while frame is not None:
            out.append(frame)
            frame = decoder.next()
    return out


def test_frames_in_pieces_of_any_size():
    some = [b"a", b"\xc0\xdb\xdc\xdd\xc0", b"\xdb" * 9, bytes(range(256)) * 3]
    line = b"junk" + b"".join(packed(f) for f in some) + b"half"
    for step in (1, 2, 3, 7, 100, 1 << 20):
        assert frames(line, step) == [b"junk"] + some


def test_a_lost_end_costs_its_frame_alone():
    a, b, c = packed(b"first"), packed(b"second"), packed(b"third")
    assert frames(a + b[:-1] + c) == [b"first", b"second", b"third"]
    assert frames(a + b[:-3] + c)[-1] == b"third"
    assert frames(a + b[1:] + c)[-1] == b"third"


def test_bad_escapes_and_long_frames():
    assert unpacked(b"a\xdb\xdcb\xdb\xdd\xdc") == b"a\xc0b\xdb\xdc"
    assert unpacked(b"a\xdb") is None and unpacked(b"\xdb\xdb\xdc") is None
    assert frames(b"\xc0\xdbx\xc0" + packed(b"next")) == [b"next"]
    assert frames(b"\xc0" + b"x" * (MOST + 1) + b"\xc0" + packed(b"next"), 4096) == [b"next"]


def test_checksum():
    for data in (b"", b"\x00", b"\x01\x02\x04", bytes(range(200)) * 7):
        want = 0xEF
        for byte in data:
            want ^= byte
        assert lf.checksum(data) == want


def request(op, data=b"", strict=False, check=None):
    if check is None:
        check = crc32(data, crc32(struct.pack("<BH", op, len(data)))) & 0xFFFFFFFF if strict else 0
    return struct.pack("<BBHI", 0, op, len(data), check) + data


def block(op, seq, data, strict=False):
    whole = struct.pack("<IIII", len(data), seq, 0, 0) + data
    return request(op, whole, strict, None if strict else lf.checksum(data))


def test_parse():
    assert lf.parse(b"", False) is None and lf.parse(b"\x01" + bytes(20), False) is None
    got = lf.parse(block(lf.FLASH_DATA, 7, b"data"), False)
    assert (got.op, got.seq, got.data) == (lf.FLASH_DATA, 7, b"data")
    good = block(lf.FLASH_DATA, 7, b"data", strict=True)
    assert lf.parse(good, True).data == b"data"
    for at in range(1, len(good)):
        bad = bytearray(good)
        bad[at] ^= 0x10
        code = lf.BAD_LENGTH if at in (2, 3) else lf.BAD_CHECKSUM
        raises(code, lf.parse, bytes(bad), True)
    raises(lf.BAD_CHECKSUM, lf.parse, request(lf.FLASH_DATA, b"\1" + bytes(16)), False)
    raises(lf.BAD_LENGTH, lf.parse, request(lf.FLASH_DATA, bytes(8)), False)
    sync = request(lf.SYNC, b"\x07\x07\x12\x20" + b"\x55" * 32)
    assert lf.parse(sync, True).op == lf.SYNC  # a new client knows of no agreement
    raises(lf.BAD_CHECKSUM, lf.parse, request(lf.SYNC, bytes(36)), True)


def disk(blocks=64, size=512):
    return MemDisk(
        bytearray((bytes(range(1, 252)) * (blocks * size // 251 + 1))[: blocks * size]), size
    )


def test_writer_and_the_blocks_at_its_ends():
    for size in (512, 4096):
        for at, n, step in ((0, 1, 1), (size, size, 100), (size - 1, 2, 2), (5, 3 * size, 700)):
            d = disk(16, size)
            before = bytes(d.data)
            writer = Writer(Medium(d, DISK), at, n)
            for i in range(0, n, step):
                writer.push(bytes(min(step, n - i)))
            writer.finish()
            assert d.data == before[:at] + bytes(n) + before[at + n :]


def test_writer_refuses():
    d = disk()
    medium = Medium(d, DISK)
    before = bytes(d.data)
    raises(lf.FAILED, Writer, medium, 64 * 512, 1)
    raises(lf.FAILED, Writer, medium, 0, 64 * 512 + 1)
    raises(lf.TOO_MUCH, Writer(medium, 0, 3).push, b"four")
    short = Writer(medium, 0, 300)
    short.push(bytes(299))
    raises(lf.NOT_ENOUGH, short.finish)
    assert d.data == before
    d.bad = {3}
    assert "write of block 3" in raises(lf.FAILED, Writer(medium, 1536, 512).push, bytes(512))
    assert "read of block 3" in raises(lf.FAILED, Writer, medium, 1537, 5)


def test_pieces_and_digest():
    d = disk(2000)
    medium = Medium(d, DISK)
    for at, n in ((0, 1), (511, 2), (1, 600_000), (1024, 512), (0, 2000 * 512), (7, 0)):
        assert medium.read(at, n) == d.data[at : at + n]
    total = loaderc.md5()
    total.update(d.data[3:1003])
    assert medium.digest(3, 1000) == total.digest() and d.flushes == 1
    raises(lf.FAILED, medium.digest, 0, 2000 * 512 + 1)


class Line:
    """Bytes to the loader; its answers.  It leaves when they are used up."""

    def __init__(self, sent):
        self.sent = sent
        self.answers = b""

    def read(self, ms):
        out, self.sent = self.sent[:1000], self.sent[1000:]
        if not out:
            self.sent = b"\x03\x03\x03"
        return out

    def write(self, data):
        self.answers += data


def talk(media, *requests, memory=None):
    """[(op, value, data, code), …]: what the loader answers."""
    line = Line(b"".join(packed(r) for r in requests))
    loader.Loader(line, media, memory, None).run()
    out = []
    for frame in frames(line.answers):
        _, op, n, value = struct.unpack("<BBHI", frame[:8])
        assert n == len(frame) - 8
        out.append((op, value, frame[8:-2], struct.unpack(">H", frame[-2:])[0]))
    return out


class Odd:
    """Memory that refuses an address as machine.mem32 does one that is no multiple of 4."""

    def read32(self, at):
        raise ValueError("misaligned")


def test_no_request_ends_the_mode():
    got = talk(
        [], request(lf.READ_REG, struct.pack("<I", 0x40000001)), request(0x77), memory=Odd()
    )
    assert [code for _, _, _, code in got] == [lf.FAILED, lf.UNKNOWN]


class Typed:
    """Bursts of bytes with silence between them.  left: those that nobody has read."""

    def __init__(self, *bursts):
        self.left = []
        for burst in bursts:
            self.left += [burst[at : at + 1000] for at in range(0, len(burst), 1000)] + [b""]

    def read(self, ms):
        return self.left.pop(0)

    def write(self, data):
        pass


def test_ctrl_c_in_data_that_stand_still():
    data = block(lf.FLASH_DATA, 0, b"\x03" * 600)
    for at in (30, 300, 620):
        frame = packed(data)
        line = Typed(frame[:at], frame[at:], b"\x03\x03\x03")
        loader.Loader(line, [], None, None).run()
        assert line.left == []
    # Nobody goes on with the frame: who presses the keys then is heard.
    line = Typed(frame[:300], b"", b"", b"\x03\x03", b"\x03", b"unread")
    loader.Loader(line, [], None, None).run()
    assert line.left == [b"unread", b""]


def test_ctrl_c_behind_much_that_is_no_frame():
    for pause in (b"\x03\x03\x03",), (b"\x03", b"\x03", b"\x03"):
        line = Typed(b"x" * (MOST + 5000), *pause)
        loader.Loader(line, [], None, None).run()
        assert line.left == []
    assert frames(b"x" * (MOST + 5000) + b"\x03" + packed(b"next")) == [b"next"]


class Short(Typed):
    """There is no room for the first burst."""

    answers = b""

    def read(self, ms):
        burst = super().read(ms)
        if burst == b"lost":
            raise MemoryError
        return burst

    def write(self, data):
        self.answers += data


def test_no_room_for_a_request_ends_nothing():
    line = Short(b"lost", packed(request(0x77)), b"\x03\x03\x03")
    served = loader.Loader(line, [], None, None)
    served._load = object()
    served.run()
    assert [frame[1] for frame in frames(line.answers)] == [0x77] and served._load is None


def test_what_ends_a_download_is_named():
    for error, code in (MemoryError, lf.NOT_ENOUGH), (OSError(5), lf.FAILED):

        def blocks(error=error):
            raise error
            yield

        download = Download(Writer(Medium(disk(), DISK), 0, 512))
        download.run(blocks(), False)
        assert download.failed.code == code


class Calls:
    """Any module: keeps what is called."""

    def __init__(self):
        self.calls = []

    def scan(self):
        return [self]

    def enable(self, **how):
        self.calls.append(sorted(how.items()))

    def load(self, image):
        self.calls.append("load")

    def start(self):
        self.calls.append("start")


def test_no_dma_goes_on_into_the_next_firmware():
    before = sys.modules.pop("pci", None)
    calls = Calls()
    loader._Boot(calls).start()
    assert calls.calls == ["start"]  # nobody looked for devices: none of them runs
    sys.modules["pci"] = calls
    try:
        loader._Boot(calls).start()
    finally:
        del sys.modules["pci"]
        if before:
            sys.modules["pci"] = before
    assert calls.calls[1:] == [[("master", False), ("memory", None)], "start"]


def test_a_whole_download():
    d = disk()
    before = bytes(d.data)
    got = talk(
        [Medium(d, DISK)],
        request(lf.WRITE_REG, struct.pack("<IIII", WINDOW_LO, 1024, 0xFFFFFFFF, 0)),
        request(lf.FLASH_BEGIN, struct.pack("<IIIII", 700, 2, 512, 512, 0)),
        block(lf.FLASH_DATA, 0, b"a" * 512),
        block(lf.FLASH_DATA, 0, b"a" * 512),  # its answer was lost
        block(lf.FLASH_DATA, 1, b"b" * 188 + b"\xff" * 324),
        block(lf.FLASH_DATA, 2, b"c" * 512),
        request(lf.FLASH_END, struct.pack("<I", 1)),
        request(lf.SPI_FLASH_MD5, struct.pack("<IIII", 512, 700, 0, 0)),
    )
    assert [code for _, _, _, code in got] == [0, 0, 0, 0, 0, lf.TOO_MUCH, 0, 0]
    want = b"a" * 512 + b"b" * 188
    assert d.data == before[:1536] + want + before[1536 + 700 :]
    assert d.written == [3, 4]
    total = loaderc.md5()
    total.update(want)
    assert got[-1][2] == total.digest()


def test_order_and_ends():
    d = disk()
    before = bytes(d.data)
    got = talk(
        [Medium(d, DISK)],
        block(lf.FLASH_DATA, 0, b"x"),
        request(lf.FLASH_BEGIN, struct.pack("<IIII", 1024, 2, 512, 0)),
        block(lf.FLASH_DATA, 1, bytes(512)),
        request(lf.FLASH_END, struct.pack("<I", 1)),
        request(lf.FLASH_BEGIN, struct.pack("<IIII", 64 * 512 + 1, 65, 512, 0)),
        request(lf.FLASH_BEGIN, struct.pack("<III", 1, 1, 1)),
        request(0x77),
    )
    codes = [lf.NOT_STARTED, 0, lf.INVALID, lf.NOT_ENOUGH, lf.FAILED, lf.BAD_LENGTH, lf.UNKNOWN]
    assert [code for _, _, _, code in got] == codes
    assert d.data == before


def test_registers():
    media = [Medium(disk(), DISK), Medium(MemDisk(bytearray(4096), 4096, name="sd1"), DISK)]

    def read(at):
        return request(lf.READ_REG, struct.pack("<I", at))

    def write(at, value, mask=0xFFFFFFFF):
        return request(lf.WRITE_REG, struct.pack("<IIII", at, value, mask, 0))

    got = talk(
        media, read(0), write(MEDIUM, 1), read(SIZE_LO), read(NAME), write(WINDOW_HI, 5),
        write(WINDOW_LO, 6), read(WINDOW_HI), write(MEDIUM, 2), write(0, 1), write(CHECK, 1),
        read(0),
    )  # fmt: skip
    assert [value for _, value, _, _ in got][:7] == [0x58525950, 0, 4096, 0x00316473, 0, 0, 5]
    codes = [0] * 7 + [lf.FAILED, lf.FAILED, 0, lf.BAD_CHECKSUM]
    assert [code for _, _, _, code in got] == codes


def test_a_zlib_stream():
    import deflate  # noqa: F401  the loader wants it

    d = disk()
    before = bytes(d.data)
    packed_zeros = bytes.fromhex("78da63601805a360148c54000004000001")
    got = talk(
        [Medium(d, DISK)],
        request(lf.FLASH_DEFL_BEGIN, struct.pack("<IIII", 1024, 2, 10, 512)),
        block(lf.FLASH_DEFL_DATA, 0, packed_zeros[:10]),
        block(lf.FLASH_DEFL_DATA, 1, packed_zeros[10:]),
        request(lf.FLASH_DEFL_END, struct.pack("<I", 1)),
        request(lf.FLASH_DEFL_BEGIN, struct.pack("<IIII", 1024, 2, 10, 4096)),
        block(lf.FLASH_DEFL_DATA, 0, b"no stream!"),
        block(lf.FLASH_DEFL_DATA, 1, b"still none"),
        request(lf.FLASH_DEFL_END, struct.pack("<I", 1)),
    )
    assert [code for _, _, _, code in got] == [0, 0, 0, 0, 0, 0, lf.INFLATE, lf.INFLATE]
    assert d.data == before[:512] + bytes(1024) + before[1536:]
