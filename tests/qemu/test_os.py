"""os, random numbers, dupterm, and the standard modules that a driver leans on."""

import pytest

pytestmark = pytest.mark.boot


def test_urandom(repl):
    repl.exec(
        "import os\n"
        "for n in (0, 1, 31, 32, 33, 100000): assert len(os.urandom(n)) == n\n"
        "assert os.urandom(32) != os.urandom(32)\n"
        "counts = [0] * 256\n"
        "for b in os.urandom(65536): counts[b] += 1\n"
        "assert 150 < min(counts) and max(counts) < 370, (min(counts), max(counts))\n"
        "for bad, e in ((-1, ValueError), (1 << 62, MemoryError)):\n"
        "    try: os.urandom(bad)\n"
        "    except e: pass\n"
        "    else: assert 0\n"
    )


def test_urandom_differs_between_boots(vm_factory):
    seen = set()
    for _ in range(3):
        vm = vm_factory()
        seen.add(vm.repl().exec("import os, random\nprint(os.urandom(16), random.random())"))
        assert vm.repl().eval("__import__('boot').hw()['rng']") & 1
        vm.close()
    assert len(seen) == 3


def test_uname(repl):
    uname = repl.eval("tuple(__import__('os').uname())")
    assert len(uname) == 5 and uname[0] == "pyrallax" and "aarch64" in uname[4]
    assert repl.eval("__import__('sys').platform") == "pyrallax"


def test_dupterm(repl):
    out = repl.exec(
        "import io, os\n"
        "class S(io.IOBase):\n"
        "    def __init__(s): s.out = b''; s.data = b''\n"
        "    def write(s, b): s.out += bytes(b); return len(b)\n"
        "    def readinto(s, b):\n"
        "        if not s.data: return None\n"
        "        b[0] = s.data[0]; s.data = s.data[1:]; return 1\n"
        "s = S()\n"
        "os.dupterm(s, 0)\nprint('both')\nos.dupterm(None, 0)\nprint('one')\n"
        "assert s.out == b'both\\r\\n', s.out\n"
        "import sys\n"
        "os.dupterm(s, 0)\ns.data = b'ab'\n"
        "x = sys.stdin.read(2)\nos.dupterm(None, 0)\nassert x == 'ab'\n"
        "class Bad(S):\n"
        "    def write(s, b): raise OSError(5)\n"
        "os.dupterm(Bad(), 0)\nprint('still here')\nos.dupterm(None, 0)\n"
    )
    assert "both\none\n" in out and "still here" in out
    repl.exec("os.dupterm(s, 0)")
    repl.soft_reset()
    assert repl.exec("print(1)") == "1\n"


def test_poll_on_stdin(repl):
    repl.wire.write(
        b"import select, sys\np = select.poll()\np.register(sys.stdin, select.POLLIN)\n"
        b"assert p.poll(0) == []\nsys.stdout.write('go')\n"
        b"r = p.poll(20000)\nprint(len(r), sys.stdin.read(1))\x04"
    )
    repl.read_until(b"OKgo", 5)
    repl.wire.write(b"z")
    assert repl.read_until(b"\x04>", 10) == b"1 z\r\n\x04\x04>"


def test_asyncio_on_stdin(repl):
    repl.wire.write(
        b"import asyncio, sys\n"
        b"async def main():\n"
        b"    r = asyncio.StreamReader(sys.stdin)\n"
        b"    ticks = 0\n"
        b"    async def tick():\n"
        b"        nonlocal ticks\n"
        b"        while True:\n"
        b"            await asyncio.sleep_ms(5)\n"
        b"            ticks += 1\n"
        b"    t = asyncio.create_task(tick())\n"
        b"    sys.stdout.write('go')\n"
        b"    x = await r.read(1)\n"
        b"    print(x, ticks > 0)\n"
        b"asyncio.run(main())\x04"
    )
    repl.read_until(b"OKgo", 5)
    assert repl.wire.read(0.3) == b""
    repl.wire.write(b"q")
    assert b"q" in repl.read_until(b"\x04>", 10)


def test_modules(repl):
    repl.exec(
        "import binascii, deflate, framebuf, hashlib, io, uctypes\n"
        "h = lambda d: binascii.hexlify(hashlib.sha256(d).digest())\n"
        "assert h(b'') == b'e3b0c44298fc1c149afbf4c8996fb924"
        "27ae41e4649b934ca495991b7852b855'\n"
        "assert h(b'abc') == b'ba7816bf8f01cfea414140de5dae2223"
        "b00361a396177a9cb410ff61f20015ad'\n"
        "assert h(b'a' * 1000000) == b'cdc76e5c9914fb9281a1c7e284d73e67"
        "f1809a48a497200e046d39ccc7112cd0'\n"
        "f = framebuf.FrameBuffer(bytearray(200), 10, 10, framebuf.RGB565)\n"
        "f.fill(0)\nf.line(0, 0, 9, 9, 0xffff)\nf.text('A', 1, 1, 7)\n"
        "assert f.pixel(9, 9) == 0xffff and f.pixel(9, 0) == 0\n"
        "b = bytearray(8)\n"
        "s = uctypes.struct(uctypes.addressof(b), {'a': uctypes.UINT32 | 0,"
        " 'b': uctypes.UINT16 | 4}, uctypes.LITTLE_ENDIAN)\n"
        "s.a = 0x12345678\ns.b = 0xabcd\n"
        "assert b == b'\\x78\\x56\\x34\\x12\\xcd\\xab\\0\\0'\n"
        "for fmt in (deflate.RAW, deflate.ZLIB, deflate.GZIP):\n"
        "    o = io.BytesIO()\n"
        "    with deflate.DeflateIO(o, fmt) as d: d.write(b'hello ' * 500)\n"
        "    assert len(o.getvalue()) < 400\n"
        "    assert deflate.DeflateIO(io.BytesIO(o.getvalue()), fmt).read() == b'hello ' * 500\n"
        "try: hashlib.md5\n"
        "except AttributeError: pass\n"
    )
