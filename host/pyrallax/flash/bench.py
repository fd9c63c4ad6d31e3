# SPDX-License-Identifier: GPL-2.0-or-later
"""How fast the serial line carries disks and firmware, beside what the line carries at all."""

import io
import random
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from ..bench.figures import Figure
from ..bench.machine import Images
from ..vm.config import Config, Unfit
from ..vm.qemu import Vm
from . import transfer
from .session import enter, session

_MIB = 1 << 20
_ZEROS = 16 * _MIB
_RANDOM = 512 * 1024

# Takes bytes and does nothing with them: what the emulated UART and its driver carry.
_DRAIN = """
import machine, micropython
def drain(total):
    micropython.kbd_intr(-1)
    uart = machine.UART(0, timeout=5000)
    buf = bytearray(4096)
    print("go")  # before that a byte of data may be Ctrl-C
    while total:
        total -= uart.readinto(buf, min(4096, total))
    micropython.kbd_intr(3)
drain(%d)
"""


def _seconds(vm: Vm, data: bytes) -> float:
    """Of a write of data, without the handshake."""
    with session(vm.wire, "QEMU") as target:
        place = transfer.find(target.media(), "sd0")
        began = time.monotonic()
        transfer.flash(target, io.BytesIO(data), len(data), place, lambda done, more: None)
        return time.monotonic() - began


def _line_seconds(vm: Vm, data: bytes) -> float:
    repl = vm.repl()
    repl.wire.write((_DRAIN % len(data)).encode() + b"\x04")
    repl.read_until(b"OKgo\r\n", 5)
    began = time.monotonic()
    vm.wire.write(data, 60)
    repl.read_until(b"\x04", 60)
    seconds = time.monotonic() - began
    if raised := repl.read_until(b"\x04", 5)[:-1].strip():
        raise Unfit(f"what the line carries was not measured: {raised.decode().splitlines()[-1]}")
    repl.exit_raw()
    return seconds


def measure(images: Images, runs: int) -> tuple[list[Figure], dict]:
    """Wall times, each on a machine of its own; data of one run is not that of another."""
    zeros: list[float] = []
    ratio: list[float] = []
    jump: list[float] = []
    rate = 0.0
    for run in range(min(runs, 3)):
        with TemporaryDirectory() as folder:
            disk = Path(folder) / "disk.img"
            disk.write_bytes(random.Random(run).randbytes(_ZEROS + _MIB))
            extra = ["-drive", f"if=none,id=d0,format=raw,file={disk}"]
            device = ["ich9-ahci,id=a", "ide-hd,drive=d0,bus=a.0"]
            config = Config(device=device, extra=extra, firmware=images.firmware)
            with Vm(config, name="bench-flash") as vm:
                vm.wire.log = None  # it would cost more than the line
                vm.repl().exit_raw()
                zeros.append(_seconds(vm, bytes(_ZEROS)))
                data = random.Random(-1 - run).randbytes(_RANDOM)
                line = _line_seconds(vm, data)
                rate = max(rate, len(data) / line)
                ratio.append(_seconds(vm, data) / line)
                began = time.monotonic()
                elf = images.esp / "pyrallax" / "firmware.elf"
                transfer.ramboot(enter(vm.wire, "QEMU"), elf, lambda done, more: None)
                vm.wait_for(b">>> ", 30)
                jump.append(time.monotonic() - began)
    beside = f"the line carries {rate / 1000:.0f} kB/s"
    return [
        Figure("flash.zeros_16mib_s", "s", zeros),
        Figure("flash.random_vs_line", "ratio", ratio, beside),
        Figure("ramboot.s", "s", jump, "prompt to prompt"),
    ], {}
