"""ush: md, mw, cp, cmp, crc32 on modelled memory and registers."""

import mmio
import shell

AREA = "host"

RAM = 0x40000000
DEVICE = 0x9000000


def run(text, env=None):
    """What a line prints; the Shell."""
    out = []
    sh = shell.Shell(lambda text, end="\n": out.append(text + end), env)
    for line in text.split("\n"):
        sh.line(line)
    return "".join(out)


def ram(data=bytes(256)):
    mmio.detach_all()
    memory = mmio.Memory(bytearray(data))
    mmio.attach(RAM, len(data), memory)
    return memory.buf


def device():
    model = mmio.Seen(bytearray(64))
    mmio.attach(DEVICE, 64, model)
    return model


def test_md_prints_rows():
    ram(b"0123456789abcdef\x00\x01" + bytes(238))
    assert run("md 40000000 5") == (
        "40000000: 33323130 37363534 62613938 66656463  0123456789abcdef\n"
        "40000010: 00000100                             ....\n"
    )
    assert run("md.b 0x40000000 3") == (
        "40000000: 30 31 32                                         012\n"
    )
    assert run("md.w 40000000 1")[:14] == "40000000: 3130"
    assert run("md.q 40000000 2").split()[1:3] == ["3736353433323130", "6665646362613938"]
    assert run("md 40000000").count("\n") == 16  # 0x40 objects
    assert run("md 40000000 0") == ""


def test_md_repeats():
    ram(bytes(range(256)))
    said = run("md.b 40000000 10\n\n\necho x\n")
    assert [line[:8] for line in said.split("\n")] == ["40000000", "40000010", "40000020", "x", ""]


def test_md_reads_registers_once_and_of_that_width():
    ram()
    model = device()
    run("md.w 9000000 3")
    assert model.seen == [(0, 16), (2, 16), (4, 16)]


def test_mw():
    buf = ram()
    assert run("mw 40000000 a5f09876; echo $?; md 40000000 1").startswith("0\n40000000: a5f09876 ")
    run("mw.b 40000010 1ff 3")
    assert bytes(buf[16:20]) == b"\xff\xff\xff\x00"
    run("mw.q 40000020 1122334455667788 2")
    assert bytes(buf[32:40]) == b"\x88\x77\x66\x55\x44\x33\x22\x11" and buf[32:40] == buf[40:48]
    model = device()
    run("mw.l 9000008 1 2")
    assert model.seen == [(8, 32, 1), (12, 32, 1)]


def test_cp_and_cmp():
    ram(bytes(range(64)) * 4)
    assert run("cp.b 40000000 40000080 10; cmp.b 40000000 40000080 10; echo $?") == (
        "Total of 16 byte(s) were the same\n0\n"
    )
    run("mw.w 40000084 beef")
    assert run("cmp.w 40000000 40000080 8; echo $?") == (
        "halfword at 0x40000004 (0x0504) != halfword at 0x40000084 (0xbeef)\n"
        "Total of 2 halfword(s) were the same\n1\n"
    )
    assert run("cp 40000000 40000080 0") == "Zero length ???\n"


def test_crc32():
    buf = ram(b"123456789" + bytes(247))
    assert run("crc32 40000000 9") == "crc32 for 40000000 ... 40000008 ==> cbf43926\n"
    run("crc32 40000000 9 40000010")
    assert bytes(buf[16:20]) == b"\xcb\xf4\x39\x26"
    assert run("crc32 -v 40000000 9 cbf43926; echo $?") == "0\n"
    assert run("crc32 -v 40000000 9 1; echo $?") == (
        "crc32 for 40000000 ... 40000008 ==> cbf43926 != 00000001 ** ERROR **\n1\n"
    )


def test_addresses_that_do_not_answer():
    ram()
    for line in ("md 0", "mw 0 1", "cmp 0 40000000 1", "crc32 0 10", "cp 0 40000000 1"):
        said = run(line + "; echo $?")
        assert said.startswith("## Error: ") and said.endswith("\n1\n"), (line, said)


def test_arguments_that_are_wrong():
    ram()
    for line, said in (
        ("md xyz", "## Error: 'xyz' is no hexadecimal number\n"),
        ("md 1_0", "## Error: '1_0' is no hexadecimal number\n"),
        ("md -1", "## Error: '-1' does not fit into 64 bits\n"),
        ("md 10000000000000000", "## Error: '10000000000000000' does not fit into 64 bits\n"),
        ("md 40000001", "## Error: 0x40000001 is no multiple of 4\n"),
        ("md fffffffffffffff0 5", "## Error: 0x5 objects do not fit behind 0xfffffffffffffff0\n"),
    ):
        assert run(line) == said
    for line in ("md", "md.x 40000000", "mw 40000000", "cmp 1 2", "crc32 1", "md 1 2 3"):
        assert "\n\nUsage:\n" in run(line), line


def test_the_firmwares_own_memory():
    import rawmem

    def refuse(*args):
        raise OSError(1, "EPERM")

    ram()
    kept = rawmem.fill
    rawmem.fill = refuse
    try:
        said = run("mw 40080000 0; echo $?")
    finally:
        rawmem.fill = kept
    assert said == "## Error: 0x40080000: the firmware uses that memory itself\n1\n"
