"""The kernel log: ring, levels, dmesg(), and silence in the raw REPL."""

import re
import shutil
import subprocess

import pytest

from pyrallax.repl import Repl, TargetError
from pyrallax.vm.config import Config

pytestmark = pytest.mark.boot


def test_dmesg(repl):
    repl.exec(
        "import klog\n"
        "klog.log(klog.ERROR, 'an error')\nklog.log(klog.INFO, 'some news')\n"
        "klog.log(klog.DEBUG, 'a detail')\n"
    )
    text = repl.exec("dmesg()")
    for line in text.splitlines():
        assert re.fullmatch(r"<[0-7]>\[ *\d+\.\d{6}\] .+", line), line
    for word in ("pyrallax: version=", "uart: base=0x9000000", "gic: version=2", "a detail"):
        assert word in text
    errors = repl.exec("dmesg(3)")
    assert "an error" in errors and "some news" not in errors
    assert "some news" in repl.exec("dmesg(6)") and "a detail" not in repl.exec("dmesg(6)")


def test_a_line_longer_than_dmesg_takes_at_once(repl):
    """As the shim may log: here two lines whose newline is taken out of the ring."""
    tool = shutil.which("llvm-nm-19") or shutil.which("llvm-nm")
    command = [tool, "-S", str(Config().firmware)]
    symbols = subprocess.run(command, capture_output=True, text=True).stdout
    rings = re.findall(r"^(\w+) 0*10000 \w ring(?:\.\d+)?$", symbols, re.M)
    repl.exec("import klog, uctypes\nklog.clear()\npos = klog.read()[1]\nklog.log(6, 'x' * 300)")
    repl.exec("end = klog.read()[1]\nklog.log(6, ''.join(map(chr, range(65, 91))) * 9)")
    for at in rings:  # of the two rings of that size, the one that has it
        repl.exec(
            f"r = uctypes.bytearray_at(0x{at}, 65536)\nat = (end - 1) % 65536\n"
            "if r[at] == 10 and r[at - 1] == 120: r[at] = 32"
        )
    text = repl.eval("klog.read(pos)[0]").decode()
    assert len(text) > 470 and text.count("\n") == 1
    assert repl.exec("dmesg()") == text
    assert repl.exec("dmesg(5)") == ""


def test_read_follows(repl):
    repl.exec(
        "import klog\n"
        "b, p = klog.read()\nassert b.endswith(b'\\n')\n"
        "assert klog.read(p) == (b'', p)\n"
        "klog.log(6, 'new')\n"
        "b, q = klog.read(p)\n"
        "assert b.endswith(b'] new\\n') and q == p + len(b)\n"
        "klog.clear()\nassert klog.read() == (b'', q)\n"
    )
    assert repl.exec("dmesg()") == ""


def test_one_line_stays_one_line(repl):
    repl.exec(
        "import klog\nb, p = klog.read()\n"
        "klog.log(6, 'a\\nb\\rc\\x1b[0md')\nb, q = klog.read(p)\n"
        "assert b.count(b'\\n') == 1 and b'\\x1b' not in b and b'\\r' not in b, b\n"
        "klog.log(6, 'x' * 10000)\nb, q = klog.read(q)\n"
        "assert b.count(b'\\n') == 1 and len(b) < 300\n"
        "for bad in (-1, 8, 1 << 40):\n"
        "    try: klog.log(bad, '')\n"
        "    except (ValueError, OverflowError): pass\n"
        "    else: assert 0\n"
    )


def test_the_ring_wraps_at_lines(repl):
    repl.exec(
        "import klog\n"
        "for i in range(2000): klog.log(6, '%d %s' % (i, 'y' * 80))\n"
        "b, p = klog.read(0)\n"
        "assert 60000 < len(b) <= 65536, len(b)\n"
        "lines = b.split(b'\\n')\nassert lines.pop() == b''\n"
        "assert all(l.startswith(b'<6>[') for l in lines)\n"
        "first = int(lines[0].split(b'] ')[1].split()[0])\n"
        "assert len(lines) == 2000 - first and lines[-1].split(b'] ')[1].startswith(b'1999 ')\n"
        "assert p > 150000\n"
    )
    assert len(repl.exec("dmesg()").splitlines()) > 500


_WARN = """
import klog, machine, time
t = machine.Timer(-1, period=20, hard={hard}, callback=lambda t: klog.log(klog.ERROR, 'beep'))
time.sleep_ms(150)
"""


@pytest.mark.parametrize("hard", [False, True])
def test_silence_in_raw(repl, hard):
    assert repl.exec(_WARN.format(hard=hard)) == ""
    assert repl.wire.read(0.5) == b""
    repl.exec("t.deinit()\nassert b'beep' in klog.read()[0]")


def test_heard_at_the_friendly_prompt(vm):
    repl = vm.repl()
    repl.exec(_WARN.format(hard=False))
    repl.exit_raw()
    assert b"beep\r\n" in repl.read_until(b"beep\r\n", 5)
    repl.enter_raw()
    repl.exec("t.deinit()")


@pytest.mark.parametrize(("level", "said"), [(0, False), (4, False), (6, True), (7, True)])
def test_loglevel(vm_factory, level, said):
    vm = vm_factory(append=f"loglevel={level}")
    text = Repl(vm.wire).wait_prompt(30)
    assert (b"uart: base=" in text) == said
    repl = Repl(vm.wire)
    repl.enter_raw()
    assert repl.eval("__import__('klog').level()") == level


def test_read_refuses_a_negative_position(repl):
    with pytest.raises(TargetError, match="ValueError"):
        repl.exec("import klog\nklog.read(-1)")
