"""Owning the machine: discovery, register access from Python, TLB flushes."""

from .figures import Figure
from .machine import Images, Target

# With the host bridge that QEMU adds these are nine functions.
DEVICES = [
    "virtio-net-pci",
    "virtio-rng-pci",
    "virtio-gpu-pci",
    "virtio-keyboard-pci",
    "virtio-balloon-pci",
    "qemu-xhci",
    "ich9-ahci",
    "edu",
]

# What a boot does that wants its devices: tables, namespace, functions with BARs, an MSI vector.
_DISCOVERY = """
import boot
start = boot.instructions()
import acpi
tables = acpi.tables()
devices = acpi.devices()
after_acpi = boot.instructions()
import pci
functions = pci.scan()
bars = [f.bars for f in functions]
after_pci = boot.instructions()
import irq
vectors = irq.msi(1, device=8)
vectors.free()
end = boot.instructions()
print((after_acpi - start, after_pci - after_acpi, end - after_pci, len(functions)))
"""

# What a call and an index cost, less the empty loop.  The goal counts against len in a local, the
# cheapest way to call it.
_MMIO = """
import boot, mmio
r = mmio.Regs(0x9010000, 0x1000)
text = b"abc"
def empty(n):
    for i in range(n):
        text
def length(n):
    for i in range(n):
        len(text)
def length_local(n):
    f = len
    for i in range(n):
        f(text)
def read(n):
    for i in range(n):
        r[0xfe0]
def write(n):
    for i in range(n):
        r[8] = 0
def each(f):
    f(10)
    a = boot.instructions(); f(1000); b = boot.instructions()
    return (b - a) / 1000
base = each(empty)
print([each(f) - base for f in (length, length_local, read, write)])
"""

_TLB = """
import boot, mmu
def empty(n):
    f = mmu.flush
    for i in range(n):
        f
def va(n):
    f = mmu.flush
    for i in range(n):
        f(va=0x10000000000)
def asid(n):
    f = mmu.flush
    for i in range(n):
        f(asid=5)
def all(n):
    f = mmu.flush
    for i in range(n):
        f()
def each(f):
    f(10)
    a = boot.instructions(); f(1000); b = boot.instructions()
    return (b - a) / 1000
base = each(empty)
print([each(f) - base for f in (va, asid, all)])
"""


def measure(images: Images, runs: int) -> tuple[list[Figure], dict]:
    """Instructions of each, on a direct boot."""
    discovery, costs, flushes = [], [], []
    for _ in range(runs):
        # The boot would look for disks, and so discover all, before it is measured.
        with images.machine(device=DEVICES, append="noautomount") as vm:
            target = Target(vm)
            before = dict(target.value("boot.timeline(True)"))
            to_prompt = (before["prompt"] - before["entry"]) * target.ns_per_tick
            discovery.append((to_prompt, *target.run(_DISCOVERY)))
            costs.append(target.run(_MMIO))
            flushes.append(target.run(_TLB))
    to_prompt, tables, functions, vectors, count = discovery[0]
    beside = (
        f"{to_prompt:,.0f} to the prompt, {tables:,} ACPI, {functions:,} PCI with {count} "
        f"functions, {vectors:,} MSI"
    )
    figures = [
        Figure("discovery.insns", "instructions", [sum(run[:4]) for run in discovery], beside),
        Figure(
            "mmio.read_vs_len",
            "ratio",
            [run[2] / run[1] for run in costs],
            f"r[off] {costs[0][2]:.0f}, r[off] = v {costs[0][3]:.0f}, len(x) {costs[0][1]:.0f}, "
            f"with len looked up {costs[0][0]:.0f} instructions",
        ),
    ]
    for at, name in enumerate(("va", "asid", "all")):
        figures.append(
            Figure(f"tlb.flush_{name}_insns", "instructions", [run[at] for run in flushes])
        )
    return figures, {}
