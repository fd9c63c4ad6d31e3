"""Hostile device trees: a boot by what is left of it, or a reason; never silence.

QEMU's own tree is overwritten in the paused machine's memory: QEMU itself refuses bad ones.
"""

import random
import struct
import subprocess
import time

import pytest
from gdb import Gdb

from pyrallax.vm.config import QEMU

pytestmark = pytest.mark.boot

_AT = 0x40000000
_GICD = struct.pack(">QQ", 0x08000000, 0x10000)
_HOLE = struct.pack(">QQ", 0x09F00000, 0x10000)  # nothing answers there: external abort


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> bytes:
    return _tree(tmp_path_factory.mktemp("dtb") / "virt.dtb", 2)


def _tree(path, gic: int) -> bytes:
    machine = f"virt,gic-version={gic},dumpdtb={path}"
    argv = [QEMU, "-M", machine, "-cpu", "cortex-a72", "-m", "512", "-nic", "none"]
    subprocess.run([*argv, "-display", "none"], check=True, timeout=60, capture_output=True)
    data = path.read_bytes()
    return data[: struct.unpack(">I", data[4:8])[0]]


def _boot(vm_factory, tmp_path, data: bytes, **options) -> tuple[str, object]:
    socket = tmp_path / "gdb"
    vm = vm_factory(paused=True, **options, extra=["-gdb", f"unix:{socket},server=on,wait=off"])
    gdb = Gdb(socket)
    gdb.write(_AT, data)
    gdb.go()
    said = b""
    end = time.monotonic() + 20
    while time.monotonic() < end and b">>> " not in said:
        said += vm.wire.read(0.2)
        if b"cannot boot: " in said and said.endswith(b"\n"):
            break
    return said.decode(errors="replace"), vm


def _put32(data: bytes, at: int, value: int) -> bytes:
    return data[:at] + struct.pack(">I", value) + data[at + 4 :]


def _nested(data: bytes, depth: int) -> bytes:
    """A tree that is nothing but nodes in nodes."""
    body = b"\0\0\0\1a\0\0\0" * depth + b"\0\0\0\2" * depth + b"\0\0\0\x09"
    head = struct.pack(
        ">10I", 0xD00DFEED, 56 + len(body), 56, 56 + len(body), 40, 17, 16, 0, 0, len(body)
    )
    return head + bytes(16) + body


CASES = {
    "whole": (lambda d: d, r"prompt"),
    "no-tree": (lambda d: bytes(64), r"prompt"),  # QEMU virt's constants
    "magic-only": (lambda d: d[:4] + bytes(len(d) - 4), r"either"),
    "truncated": (lambda d: d[:3000] + bytes(len(d) - 3000), r"device tree"),
    "size-0": (lambda d: _put32(d, 4, 0), r"prompt"),
    "size-small": (lambda d: _put32(d, 4, 100), r"device tree"),
    "size-huge": (lambda d: _put32(d, 4, 0xFFFFFFFF), r"device tree"),
    "structure-outside": (lambda d: _put32(d, 8, 0xFFFFFF00), r"device tree"),
    "structure-odd": (lambda d: _put32(d, 8, struct.unpack(">I", d[8:12])[0] + 1), "device tree"),
    "strings-outside": (lambda d: _put32(d, 12, 0x7FFFFFFF), r"device tree"),
    "deep": (lambda d: _nested(d, 5000), r"device tree"),
    "empty-nodes": (lambda d: _nested(d, 5), r"memory"),
    "no-memory": (lambda d: d.replace(b"memory\0", b"memorx\0"), r"memory"),
    "no-uart": (lambda d: d.replace(b"arm,pl011", b"arm,pl01x"), r"prompt"),  # virt's own
    "no-gic": (lambda d: d.replace(b"arm,cortex-a15-gic", b"arm,cortex-a15-gix"), r"prompt"),
    "gicd-hole": (lambda d: d.replace(_GICD, _HOLE), r"prompt"),  # polled
    "no-timer": (lambda d: d.replace(b"arm,armv8-timer", b"arm,armv8-timex"), r"prompt"),
}


@pytest.mark.parametrize("case", CASES)
def test_tree(vm_factory, tmp_path, tree, case):
    change, want = CASES[case]
    said, _ = _boot(vm_factory, tmp_path, change(tree))
    assert "PANIC" not in said, said
    if want == "prompt":
        assert ">>> " in said, said
    elif want == "either":
        assert ">>> " in said or "cannot boot: " in said, said
    else:
        assert "pyrallax: cannot boot: " in said and want in said, said


def test_no_redistributor(vm_factory, tmp_path):
    """An address that aborts costs the interrupts, not the boot (reference K18)."""
    data = _tree(tmp_path / "v3.dtb", 3)
    there = struct.pack(">QQ", 0x080A0000, 0xF60000)
    assert data.count(there) == 1
    said, vm = _boot(vm_factory, tmp_path, data.replace(there, _HOLE[:8] + there[8:]), gic=3)
    assert ">>> " in said, said
    log = vm.repl().exec("dmesg()")
    assert "gic: no redistributor at 0x9f00000" in log and "running polled" in log, log


@pytest.mark.parametrize("seed", range(6))
def test_random_damage(vm_factory, tmp_path, tree, seed):
    dice = random.Random(seed)
    data = bytearray(tree)
    start = struct.unpack(">I", data[8:12])[0]
    for _ in range(1 + seed):
        data[dice.randrange(start, len(data))] ^= 1 << dice.randrange(8)
    said, _ = _boot(vm_factory, tmp_path, bytes(data))
    assert ">>> " in said or "cannot boot: " in said or "PANIC" in said, said
