"""Timings of standard operations, for the hardware report: what an access costs on this host."""

import time
from collections import OrderedDict

import boot
import mmio
from micropython import const

_COUNT = const(1000)
_COPY = const(1 << 20)


def _each(count, work):
    """Nanoseconds of one call of work(), less those of an empty one; never below 0."""

    def nothing():
        pass

    def run(f):
        start = boot.counter()
        for _ in range(count):
            f()
        return boot.counter() - start

    run(work)
    ticks = run(work) - run(nothing)
    return max(0, ticks) * 1_000_000_000 / boot.hw()["timer"][1] / count


def _operations():
    """Yield (name, count, function)."""
    hw = boot.hw()
    yield "counter read", _COUNT, boot.counter
    if hw["gic"]["version"]:
        gicd = mmio.Regs(hw["gic"]["gicd"], 0x1000)
        yield "GICD_TYPER read", _COUNT, lambda: gicd[4]
    if hw["uart"][0]:
        uart = mmio.Regs(hw["uart"][0], 0x1000)
        yield "UART FR read", _COUNT, lambda: uart[0x18]
    if hw["ecam"]:
        base, _, _, _ = hw["ecam"][0]
        ecam = mmio.Regs(base, 0x1000)
        yield "PCI configuration read", _COUNT, lambda: ecam[0]
    a, b = bytearray(_COPY), bytearray(_COPY)
    whole = memoryview(b)

    def copy():
        whole[:] = a

    yield "copy of 1 MiB", 16, copy
    import mmu

    yield "TLB flush, all", _COUNT, mmu.flush
    yield "sleep of 1 ms", 20, lambda: time.sleep_ms(1)


def timings():
    """{operation: {"ns": each, "count": of the mean}}"""
    found = OrderedDict()
    for name, count, work in _operations():
        found[name] = {"ns": round(_each(count, work), 1), "count": count}
    return found
