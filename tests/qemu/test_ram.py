"""The heap takes what RAM there is, gives it back, and keeps to what the command line says."""

import re
import time

import pytest

from pyrallax.repl import Repl, TargetError
from pyrallax.wire import received

pytestmark = pytest.mark.boot

_MIB = 1 << 20
_DMA_TABLE = 64 << 10  # of the pool, for the table of its buffers


def test_heap_is_all_of_ram(repl):
    repl.exec(
        "import gc, boot\n"
        "limit = boot.stats()['heap_limit']\n"
        "assert limit > 450 << 20, limit\n"
        "assert gc.mem_free() > 400 << 20, gc.mem_free()\n"
        "x = bytearray(300 << 20)\n"
        "x[-1] = 1\n"
        "del x\n"
        "gc.collect()\n",
        timeout=60,
    )


@pytest.mark.vm_options(memory=64)  # a full heap is slow to search
def test_out_of_memory_and_back(vm):
    repl = vm.repl()
    repl.exec(
        "import gc, boot\n"
        "def fill():\n"
        "    x = []\n"
        "    try:\n"
        "        while True: x.append(bytearray(1 << 20))\n"
        "    except MemoryError:\n"
        "        return len(x)\n"
        "fill()\ngc.collect()\nfree = gc.mem_free()\n"
        "for _ in range(3):\n"
        "    n = fill()\n"
        "    assert n > 35, n\n"
        "    gc.collect()\n"
        "    assert abs(gc.mem_free() - free) < 2 << 20, (free, gc.mem_free())\n"
        "for size in (1 << 40, 1 << 62, (1 << 63) - 1):\n"
        "    try: bytearray(size)\n"
        "    except (MemoryError, OverflowError): pass\n"
        "    else: assert 0\n"
        "try:\n"
        "    x = []\n"
        "    while True: x.append([None, None])\n"
        "except MemoryError: n = len(x); x = None\n"
        "assert n > 100000, n\n"
        "print(sum(range(1000)))\n",
        timeout=120,
    )
    repl.soft_reset()
    assert repl.eval("__import__('boot').stats()")["heap"] < 32 << 20  # areas went back


@pytest.mark.parametrize(
    ("append", "key", "low", "high"),
    [
        ("heap=8m", "heap_limit", 8 * _MIB, 8 * _MIB),
        ("heap=1", "heap_limit", 1, 128 << 10),
        ("dma=1m", "dma", _MIB, _MIB),
        ("dma=100000", "dma", 100000, 100000 + 4096),
        ("dma=64k", "dma", 64 << 10, 64 << 10),
        ("dma=0", "dma", 0, 0),
        ("ramdisk=2m", "disk", 2 * _MIB, 2 * _MIB),
        ("ramdisk=0", "disk", 0, 0),
        ("ramdisk=4k", "disk", 4096, 4096),
        ("dma=99999g", "dma", 128 * _MIB, 256 * _MIB),
        ("heap=99999g ramdisk=99999g", "disk", 128 * _MIB, 256 * _MIB),
    ],
)
def test_options_bound(vm_factory, append, key, low, high):
    vm = vm_factory(append=append)
    repl = vm.repl()
    stats = repl.eval("__import__('boot').stats()")
    assert low <= stats[key] <= high, stats
    assert b"Traceback" not in received(vm.log_path.read_text())
    if key == "dma":
        room = repl.eval("__import__('dma').stats()")[2]
        assert room == max(stats["dma"] - _DMA_TABLE, 0)
        most = f"dma.alloc({max(room - 128, 1)})"
        if room:  # all of it can be had, less a guard on either side
            repl.exec(f"import dma\n{most}.free()")
        else:
            with pytest.raises(TargetError, match="ENOMEM"):
                repl.exec(f"import dma\n{most}")


@pytest.mark.vm_options(append="heap=8m")
def test_bounded_heap_ends(vm):
    vm.repl().exec(
        "import gc\n"
        "try: x = bytearray(9 << 20)\n"
        "except MemoryError: pass\n"
        "else: assert 0\n"
        "assert gc.mem_free() < 8 << 20\n"
    )


def test_memory_map(repl):
    regions = repl.eval("__import__('boot').memory()")
    end = 0
    for base, size, kind in regions:
        assert base >= end and size > 0 and base % 4096 == size % 4096 == 0
        assert kind in ("free", "image", "boot", "firmware", "acpi", "reserved", "fb", "mmio")
        end = base + size
    assert sum(size for _, size, _ in regions) == 512 * _MIB
    assert repl.eval("__import__('boot').hw()['image']") == next(
        (base, size) for base, size, kind in regions if kind == "image"
    )


@pytest.mark.parametrize("memory", [4, 8, 12, 14, 16, 20, 24, 32])
def test_small_machines(vm_factory, memory):
    """The prompt, or a reason; never silence."""
    vm = vm_factory(memory=memory)
    said = b""
    end = time.monotonic() + 60
    while not re.search(rb">>> |cannot boot: .*\n", said) and time.monotonic() < end:
        said += vm.wire.read(0.5)
    if b"cannot boot: " in said:
        assert b"cannot boot: not enough memory" in said, said
        assert memory < 16
        return
    assert b">>> " in said, said
    assert b"PANIC" not in said and b"Traceback" not in said, said
    repl = Repl(vm.wire)
    repl.exec("import gc\nassert gc.mem_free() > 100000, gc.mem_free()")
    repl.put("a.txt", b"x" * 1000)
    assert repl.get("a.txt") == b"x" * 1000
