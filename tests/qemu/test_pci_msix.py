"""MSI-X from a device that does DMA: a virtio entropy source fills a buffer and sends."""

import pytest

from pyrallax.vm.config import PARALLELS

pytestmark = pytest.mark.probe

BOARDS = {"gicv2": {"gic": 2}, "gicv3": {"gic": 3}, "gicv3-v2m": PARALLELS}

# Virtio 1.2: capabilities §4.1.4, common configuration §4.1.4.3, split queue §2.7.
_RNG = """
import dma, pci, time
fn = pci.find(0x1AF4, 0x1005).enable()
parts, at = {}, fn.cfg.read8(0x34)
while at:
    if fn.cfg.read8(at) == 9:
        bar, where = fn.cfg.read8(at + 4), fn.cfg.read32(at + 8)
        parts[fn.cfg.read8(at + 3)] = (at, bar, where)
    at = fn.cfg.read8(at + 1)
common = fn.bar(parts[1][1]).window(parts[1][2], 0x38)
common.write8(0x14, 0)
for status in (1, 3):
    common.write8(0x14, status)
common.write32(0x08, 1)
common.write32(0x0C, 1)  # VIRTIO_F_VERSION_1
common.write8(0x14, 11)
assert common.read8(0x14) == 11
ring = dma.alloc(4096)
data = memoryview(ring)
common.write16(0x18, 4)
for field, offset in ((0x20, 0), (0x28, 256), (0x30, 512)):
    common.write32(field, (ring.phys + offset) & 0xffffffff)
    common.write32(field + 4, ring.phys + offset >> 32)
seen = []
line = fn.irq(lambda line: seen.append(line.intid), vector=1, name="entropy")
common.write16(0x1A, 1)
assert common.read16(0x1A) == 1
common.write16(0x1C, 1)
common.write8(0x14, 15)
at, bar, where = parts[2]
bell = where + common.read16(0x1E) * fn.cfg.read32(at + 16)
def ask(n):
    data[0:16] = (ring.phys + 1024).to_bytes(8, "little") + b"\\x20\\0\\0\\0\\x02\\0\\0\\0"
    data[1024:1056] = bytes(32)
    data[260 + 2 * (n % 4) : 262 + 2 * (n % 4)] = b"\\0\\0"
    data[258:260] = (n + 1).to_bytes(2, "little")
    fn.bar(bar).write16(bell, 0)
    end = time.ticks_add(time.ticks_ms(), 5000)
    while len(seen) <= n:
        assert time.ticks_diff(end, time.ticks_ms()) > 0, (n, line.count)
        time.sleep_ms(1)
    return bytes(data[1024:1056])
"""


@pytest.mark.parametrize("machine", ["direct", "uefi"])
@pytest.mark.parametrize("board", BOARDS)
def test_entropy_arrives_with_a_message(vm_factory, board, machine):
    vm = vm_factory(**BOARDS[board], machine=machine, device=["virtio-rng-pci,vectors=2"])
    repl = vm.repl()
    repl.exec(_RNG)
    got = [repl.eval(f"ask({n})") for n in range(8)]
    assert len(set(got)) == 8 and all(any(each) for each in got)
    assert repl.eval("(fn.interrupts().kind, line.count, set(seen) == {line.intid})") == (
        "msix",
        8,
        True,
    )
    assert repl.eval("__import__('irq').info()['msi']") == vm.config.msi_kind
    repl.exec("common.write8(0x14, 0)\nfn.release()\nring.free()")
