"""Panic blocks in captures and in our own serial logs, their frames, a reader that leaves."""

import os
import subprocess
import sys

import pytest

from pyrallax import ROOT, symbolize, wire
from pyrallax.vm.config import Unfit

pytestmark = pytest.mark.host

_PANIC = """noise
=== PYRALLAX PANIC 1 ===
pc=0xffffffff80001234 lr=0xffffffff80000100
x0=0xffffffff80001111 sp=0xffffffff80100000
bt 0 0xffffffff80000200
bt 1 0x0000000000000000
=== END PANIC ===
=== PYRALLAX PANIC 1 ===
pc=0xffffffff80000010
cut off"""
_FRAMES = [
    [("pc", 0xFFFFFFFF80001234), ("lr", 0xFFFFFFFF80000100), ("bt 0", 0xFFFFFFFF80000200)],
    [("pc", 0xFFFFFFFF80000010)],
]


@pytest.fixture
def logged(tmp_path):
    """logged(data, chunk) -> text of a Log in which the target sent data, chunk bytes a time."""

    def write(data: bytes, chunk: int) -> str:
        log = wire.Log(tmp_path / "serial.log")
        for at in range(0, len(data), chunk):
            log.add("<", data[at : at + chunk])
            log.add(">", b"0xffffffff80009999\r\n")
        log.close()
        return log.path.read_text()

    return write


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_blocks_and_frames_of_a_capture(end):
    blocks = symbolize.blocks(_PANIC.replace("\n", end))
    assert [symbolize.frames(block) for block in blocks] == _FRAMES


@pytest.mark.parametrize("chunk", [1, 7, 64, 10_000])
def test_blocks_and_frames_of_a_serial_log(logged, chunk):
    blocks = symbolize.blocks(logged(_PANIC.replace("\n", "\r\n").encode(), chunk))
    assert [symbolize.frames(block) for block in blocks] == _FRAMES


def test_received_is_what_was_sent(logged):
    data = bytes(range(256)) + b'it\'s \\ "quoted" \\x41'
    for chunk in (1, 5, 1000):
        assert wire.received(logged(data, chunk)) == data


def test_received_of_other_text_and_of_a_cut_log():
    assert wire.received("<6>[    0.000000] gic: version=2\n") == b""
    assert wire.received("    0.000001 < ab\\r\n    0.000002 < c\\x0") == b"ab\rc"


def test_without_image_says_so(tmp_path):
    with pytest.raises(Unfit, match="--elf"):
        symbolize.resolve(tmp_path / "nosuch.elf", [("pc", symbolize._KERNEL_BASE)])


def test_reader_that_leaves_ends_it_quietly(tmp_path):
    log = tmp_path / "log"
    log.write_text("=== PYRALLAX PANIC 1 ===\n=== END PANIC ===\n")
    read, write = os.pipe()
    os.close(read)
    argv = [sys.executable, "-m", "pyrallax", "symbolize", "--elf", sys.executable, str(log)]
    env = dict(os.environ, PYTHONPATH=str(ROOT / "host"))
    done = subprocess.run(argv, stdout=write, stderr=subprocess.PIPE, text=True, env=env)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "")


def test_block_of_another_build_is_told(tmp_path):
    image = tmp_path / "firmware.elf"
    note = bytes.fromhex("04000000 14000000 03000000") + b"GNU\0"
    image.write_bytes(b"\x7fELF" + bytes(60) + note + bytes(range(20)) + bytes(8))
    ours = bytes(range(20)).hex()
    assert symbolize.build_id(image) == ours
    block = "=== PYRALLAX PANIC 1 ===\r\nreason x\r\nbuild {}\r\n=== END PANIC ==="
    assert symbolize.other_build(block.format(ours), image) == ""
    assert "ffffffff" in symbolize.other_build(block.format("f" * 40), image)
    assert symbolize.other_build(_PANIC, image) == ""  # a block that names none
