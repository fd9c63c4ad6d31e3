"""Boot stages, of real log lines that come whole, in pieces, late or never."""

import io
import os
import time

import pytest

from pyrallax import stages as stages_module
from pyrallax.stages import Progress, Stages, follow
from pyrallax.wire import Wire, WireClosed

pytestmark = pytest.mark.host

SHIM = [
    b'[shim] start version=1 el=1 pa_bits=40 firmware="EDK II" base=0x13c1a5000\r\n',
    b"[shim] uart base=0x9000000 kind=pl011 intid=33 from=dbg2\r\n",
    b"[shim] firmware len=966656 crc=0x5e7a build_id=177c phys=0x40000000 size=0x200000\r\n",
    b"[shim] exit tries=1 map_bytes=3456 desc_size=48 table_pages=15\r\n",
    b"[shim] jump entry=0xffffffff80000000 hw_config=0x40203000 lost=0\r\n",
]
KERNEL = b"<6>[    0.002391] pyrallax: version=0.1.0 el=1 uefi=1 fdt=0 acpi=1\r\n"
BANNER = b"Pyrallax 0.1.0 (build b966e5c3) on QEMU, 1 CPU, 512 MiB, up in 34.521 ms\r\n"
PROMPT = b"MicroPython v1.25.0 on 2026-11-22; Pyrallax with aarch64 virtual machine\r\n>>> "
BOOT = b"".join(SHIM) + KERNEL + BANNER + PROMPT
ALL = [
    "first byte",
    "UEFI runs our shim",
    "tables read",
    "firmware loaded",
    "UEFI left",
    "firmware entered",
    "console up",
    "prompt",
]


class Clock:
    now = 10.0

    def __call__(self):
        return self.now


def test_each_stage_once_with_its_time():
    clock = Clock()
    stages = Stages(clock)
    for line in [*SHIM, KERNEL, BANNER, PROMPT]:
        clock.now += 1
        stages.feed(line)
    assert [name for name, _ in stages.reached] == ALL
    assert [seconds for _, seconds in stages.reached] == [1, 1, 2, 3, 4, 5, 7, 8]
    assert stages.at_prompt and not stages.failure
    assert stages.line().startswith("first byte 1.0 s · UEFI runs our shim 1.0 s · tables")
    assert stages.feed(BOOT) == []


def test_byte_by_byte():
    stages = Stages()
    for i in range(len(BOOT)):
        stages.feed(BOOT[i : i + 1])
    assert [name for name, _ in stages.reached] == ALL
    assert stages.banner == BANNER


@pytest.mark.parametrize("lost", range(1, 8))
def test_lines_that_were_lost_do_not_stop_it(lost):
    """Who connects late misses the begin."""
    stages = Stages()
    pieces = [*SHIM, KERNEL, BANNER, PROMPT][lost:]
    stages.feed(b"alf of a line\r\n" + b"".join(pieces))
    assert stages.at_prompt and stages.reached[0][0] == "first byte"
    names = [name for name, _ in stages.reached]
    assert names == [name for name in ALL if name in names]


def test_a_prompt_inside_a_line_is_none():
    stages = Stages()
    stages.feed(b"<6>[    0.000001] log: type >>> here\r\n")
    assert not stages.at_prompt


@pytest.mark.parametrize(
    "line",
    [
        b"[shim] error step=open-volume status=0x8000000000000003 reason=unsupported",
        b"pyrallax: cannot boot: no usable memory list",
        b"=== PYRALLAX PANIC 1 ===",
    ],
)
def test_failures(line):
    stages = Stages()
    for byte in b"".join(SHIM) + line:
        stages.feed(bytes([byte]))
        assert not stages.failure  # it may go on
    stages.feed(b"\r\nmore\r\n")
    assert stages.failure == line.decode() and not stages.at_prompt
    assert stages.last_lines(2) == [line.decode(), "more"]
    assert stages.panicked == (b"PANIC" in line)


def test_a_machine_that_says_much_in_small_pieces():
    stages = Stages()
    began = time.process_time()
    for _ in range(20000):
        stages.feed(b"<6>[    0.002391] driver: one of very many lines\r\n")
    for _ in range(20000):
        stages.feed(bytes(50))
    assert time.process_time() - began < 10  # it was more than a minute
    stages.feed(b"\r\n>>> ")
    assert stages.at_prompt


def test_last_lines_are_fit_for_a_terminal():
    stages = Stages()
    stages.feed(b"\x1b[2J\x1b[01;01Hok\tz\r\n\xff\x00" + b"x" * 5000)
    first, last = stages.last_lines()
    assert first == "\\x1b[2J\\x1b[01;01Hok\tz"
    assert last.startswith("\\xff\\x00xxx") and len(last) < 300 and last.endswith("…")


def wire_of(data, close=False):
    read, write = os.pipe()
    os.write(write, data)
    wire = Wire(read)
    if close:
        os.close(write)
    return wire, write


def test_follow_leaves_banner_and_prompt_for_the_next():
    wire, _ = wire_of(BOOT)
    out = io.StringIO()
    stages = follow(wire, 5, Progress(out))
    assert stages.at_prompt and wire.read(0) == BANNER + PROMPT
    lines = out.getvalue().splitlines()
    assert [line.split(" s ")[1] for line in lines] == ALL
    assert all(line.startswith("pyrallax: ") for line in lines)


def test_follow_leaves_a_panic():
    wire, _ = wire_of(b"".join(SHIM) + b"\r\n=== PYRALLAX PANIC 1 ===\r\nreason x\r\n")
    assert follow(wire, 5).panicked
    assert wire.read(0) == b"\r\n=== PYRALLAX PANIC 1 ===\r\nreason x\r\n"


def test_follow_does_not_wait_for_a_main_that_never_ends(monkeypatch):
    monkeypatch.setattr(stages_module, "_MAIN_S", 0.2)
    wire, _ = wire_of(BOOT[: -len(PROMPT)] + b"main.py speaks\r\n")
    stages = follow(wire, 60)
    assert stages.console_up and not stages.at_prompt
    assert wire.read(0) == BANNER + b"main.py speaks\r\n"


def test_follow_gives_up():
    wire, _ = wire_of(b"".join(SHIM))
    stages = follow(wire, 0.1)
    assert not stages.at_prompt and stages.reached[-1][0] == "firmware entered"


def test_follow_tells_of_a_line_that_closed():
    wire, _ = wire_of(b"x", close=True)
    with pytest.raises(WireClosed):
        follow(wire, 5)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_on_a_terminal_it_is_one_line():
    wire, _ = wire_of(BOOT)
    out = Terminal()
    follow(wire, 5, Progress(out))
    shown = out.getvalue()
    assert shown.count("\n") == 1 and shown.endswith("\n")
    assert shown.rsplit("\r", 1)[1].count(" · ") == len(ALL) - 1
