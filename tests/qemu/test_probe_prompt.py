"""The probe toolkit at the friendly prompt: completion, watch, hexint, help."""

import pytest
from counted import COUNTED

pytestmark = pytest.mark.probe


@pytest.fixture
def friendly(repl):
    """Types lines at the friendly prompt; each gives what came before the next prompt."""

    def type_line(line: str, end: str = "\r") -> str:
        repl.wire.write((line + end).encode())
        said = repl.wait_prompt(10).decode().replace("\r\n", "\n")
        return said.removeprefix(line + "\n").removesuffix(">>> ")

    repl.exit_raw()
    repl.wait_prompt()
    repl.drain()
    yield type_line
    repl.enter_raw()


def test_completion_and_dir_read_nothing(repl, friendly):
    repl.enter_raw()
    repl.exec(COUNTED)
    assert repl.eval("sorted(n for n in dir(v) if n.isupper())") == ["CTRL", "PORTSC", "STATUS"]
    assert repl.eval("sorted(n for n in dir(v.CTRL) if n.isupper())") == ["ENABLE", "MODE"]
    assert repl.eval("(hasattr(v.PORTSC[1], 'PED'), hasattr(v.PORTSC[1], 'CSC'))") == (True, False)
    assert repl.eval("(hasattr(v, 'STATUS'), hasattr(v, 'DATA'), counted.reads)") == (
        *(True, False),
        0,
    )
    repl.exec("p = v.PORTSC[1]")
    repl.exit_raw()
    repl.wait_prompt()
    for typed, shown in (
        (b"v.ST\t", b"ATUS"),
        (b"v.CTRL.EN\t", b"ABLE"),
        (b"p.PL\t", b"S"),
        (b"v.PORT\t", b"SC"),
    ):
        repl.wire.write(typed)
        assert repl.read_until(shown, 5).endswith(shown), typed
        repl.wire.write(b"\x03")
        repl.wait_prompt(5)
    repl.wire.write(b"v.CTRL.\t")
    said = repl.wait_prompt(5)
    assert b"ENABLE" in said and b"MODE" in said
    repl.wire.write(b"\x03")
    repl.wait_prompt(5)
    assert friendly("counted.reads") == "0\n"
    assert friendly("v.CTRL.MODE, counted.reads") == "(2, 1)\n"


def test_completion_of_the_toolkit(friendly, repl):
    friendly("from probe import *")
    for typed, shown in ((b"hexdu\t", b"mp"), (b"unwa\t", b"tch"), (b"timei\t", b"t")):
        repl.wire.write(typed)
        assert repl.read_until(shown, 5).endswith(shown), typed
        repl.wire.write(b"\x03")
        repl.wait_prompt(5)


def test_watch(friendly):
    friendly("from probe import *")
    friendly("x = 1")
    assert friendly("watch('x')") == "x: 1\n"
    assert friendly("y = 2") == ""
    assert friendly("x = 5") == "x: 1 -> 5\n"
    assert friendly("x = 5") == ""
    assert friendly("watch()") == "x\n"
    assert friendly("if 1:\r  x = 6\r").endswith("x: 5 -> 6\n")
    assert friendly("unwatch('x')") == "" and friendly("x = 7") == ""
    assert "KeyError" in friendly("unwatch('x')")


def test_watch_of_a_register(friendly):
    friendly(COUNTED.split("class")[0].strip())
    friendly("u = device('uart')")
    assert friendly("watch('u.IBRD')").startswith("u.IBRD: IBRD=0x0000")
    assert "-> IBRD=0x00000007 DIVINT=7" in friendly("u.IBRD = 7")


def test_a_watch_that_raises_is_taken_off(friendly):
    friendly("from probe import *")
    friendly("z = [1]")
    assert friendly("watch('z[0]')") == "z[0]: 1\n"
    said = friendly("z.clear()")
    assert said.startswith("z[0]: no longer watched:\n") and said.count("IndexError") == 1
    assert friendly("1") == "1\n" and friendly("watch()") == ""
    assert "SyntaxError" in friendly("watch('1 +')")


def test_a_watch_that_hangs_gives_way_to_ctrl_c(friendly, repl):
    friendly("from probe import *")
    friendly("def hang():\r  while on: pass\r")
    friendly("on = False")
    friendly("watch(hang)")
    repl.wire.write(b"on = True\r")
    repl.read_until(b"on = True\r\n", 5)
    repl.drain(0.3, 1)
    repl.wire.write(b"\x03")
    assert b"KeyboardInterrupt" in repl.wait_prompt(5)
    repl.wire.write(b"6 * 7\r")
    assert repl.wait_prompt(5) == b"6 * 7\r\n42\r\n>>> "


def test_the_raw_repl_shows_no_watch(friendly, repl):
    friendly("from probe import *")
    friendly("n = 0")
    friendly("def ticking():\r  global n\r  n += 1\r  return n\r")
    assert friendly("watch(ticking)") == "ticking: 1\n"
    assert friendly("0") == "0\nticking: 1 -> 2\n"
    repl.enter_raw()
    before = repl.eval("n")
    assert repl.exec("") == "" and repl.exec("print('x')") == "x\n"
    assert repl.eval("n") == before
    assert repl.exec("hexint()\nprint(255)") == "255\n"
    assert repl.wire.read(0.3) == b""


def test_input_is_no_prompt(friendly, repl):
    friendly("from probe import *")
    friendly("n = 0")
    friendly("def ticking():\r  global n\r  n += 1\r  return n\r")
    friendly("watch(ticking)")
    repl.wire.write(b"a = input('>> ')\r")
    repl.read_until(b"\r\n>> ", 5)
    repl.wire.write(b"hello\r")
    assert repl.wait_prompt(5) == b"hello\r\nticking: 1 -> 2\r\n>>> "


def test_hexint(friendly):
    friendly("from probe import *")
    assert friendly("255") == "255\n"
    friendly("hexint(True)")
    assert friendly("255") == "0xff\n"
    assert friendly("_") == "0xff\n"
    assert friendly("(1, [-16], {'a': 10}, True, None, 'x')") == (
        "(0x1, [-0x10], {'a': 0xa}, True, None, 'x')\n"
    )
    assert friendly("(17,), ()") == "((0x11,), ())\n"
    assert friendly("None") == "" and friendly("print(255)") == "255\n"
    assert friendly("1.5, b'a'") == "(1.5, b'a')\n"
    friendly("w = 10")
    assert friendly("watch('w')") == "w: 0xa\n"
    friendly("unwatch()")
    friendly("hexint(False)")
    assert friendly("255") == "255\n"
    friendly("hexint(False)")


def test_a_soft_reset_forgets_watches(friendly, repl):
    friendly("from probe import *")
    friendly("x = 1")
    friendly("watch('x')")
    repl.enter_raw()
    repl.soft_reset()
    repl.exit_raw()
    assert b"x:" not in repl.wait_prompt()
    assert friendly("import prompt; prompt.before()") == ""


def test_import_is_cheap(repl):
    """The toolkit's parts come when they are called."""
    assert (
        repl.exec(
            "from probe import *\nimport sys\n"
            "print(sorted(m for m in sys.modules if m.startswith('probe')))"
        )
        == "['probe', 'probe.fields', 'probe.regs', 'probe.view']\n"
    )


def test_help(repl):
    repl.exec("from probe import *\nimport acpi, mmio")
    said = repl.exec("help()")
    assert said.startswith("Pyrallax: MicroPython owns this machine.")
    assert "hexdump" in said and "rawmem: ranges of addresses" in said
    assert max(len(line) for line in said.splitlines()) < 80
    said = repl.exec("help(hexdump)")
    assert said.startswith("  hexdump(addr, n=256, width=None)\n      print ")
    assert "probe.trace" not in repl.exec("help(acpi)") and "devices()" in repl.exec("help(acpi)")
    assert repl.exec("help(acpi.find)") == (
        "  acpi.find(name)\n      the device with this _HID or _CID\n"
    )
    assert repl.exec("help(mmio.Regs)").startswith("  mmio.Regs(base, size")
    assert repl.exec("help('memtest')").count("memtest(") == 2  # probe's and rawmem's
    assert "is of type int" in repl.exec("help(5)")  # MicroPython's own


def test_help_of_registers_reads_none(repl):
    repl.exec(COUNTED)
    assert repl.exec("help(v)") == "unit ()\n  CTRL STATUS PORTSC[3]\n"
    assert repl.exec("help(v.CTRL)") == (
        "CTRL: RW, 32 bits\n  ENABLE             0      RW\n  MODE               5:4    RW\n"
    )
    assert repl.exec("help(v.PORTSC)").startswith("PORTSC[0..2]: RW, 32 bits\n  PED ")
    assert repl.exec("help(v.PORTSC[1])") == repl.exec("help(v.PORTSC)")
    assert repl.eval("counted.reads") == 0
    said = repl.exec("help('uart')")
    assert said == repl.exec("help(device('uart'))")
    assert said.startswith("uart: registers as attributes; regs('uart') prints all\nPL011 (")
    assert "PUT" not in said and "  DR RSR FR " in said
    assert repl.exec("help('toaster')").startswith("nothing is known of 'toaster'")
