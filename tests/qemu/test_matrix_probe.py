"""The toolkit on every kind of machine: GIC, way of boot, CPUs; bridges and fourteen functions.

The tests of one machine share it, with a soft reset between; what they leave fails the last one.
"""

import itertools

import pytest

from pyrallax import heartbeat, report

pytestmark = pytest.mark.probe

_DMA = "dma_mask=0xffffffffffffffff"
_DEVICES = [
    f"edu,addr=9,{_DMA}",  # its INTx is not that of the one behind the bridges
    "virtio-net-pci,addr=2.0,multifunction=on,romfile=",
    "virtio-rng-pci,addr=2.1",
    "qemu-xhci,addr=3",
    "usb-ehci,addr=4",
    "ich9-ahci,addr=5",
    "virtio-gpu-pci,addr=6",
    "pcie-root-port,id=rp0,addr=7.0,multifunction=on,chassis=1",
    "pcie-root-port,id=rp1,addr=7.1,chassis=2",
    "e1000e,bus=rp0,romfile=",
    "pcie-pci-bridge,id=pb0,bus=rp1",
    f"edu,bus=pb0,addr=5,{_DMA}",
    "virtio-serial-pci,bus=pb0,addr=6",
]
_FUNCTIONS = [
    (0x1B36, 0x0008),
    (0x1234, 0x11E8),
    (0x1AF4, 0x1000),
    (0x1AF4, 0x1005),
    (0x1B36, 0x000D),
    (0x8086, 0x24CD),
    (0x8086, 0x2922),
    (0x1AF4, 0x1050),
    (0x1B36, 0x000C),
    (0x1B36, 0x000C),
    (0x8086, 0x10D3),
    (0x1B36, 0x000E),
    (0x1234, 0x11E8),
    (0x1AF4, 0x1003),
]
_ESP = (0x1AF4, 0x1001)  # virtio-blk, which UEFI boots from
VM_MATRIX = [
    {"gic": gic, "machine": machine, "cpus": cpus, "device": _DEVICES}
    for gic, machine, cpus in itertools.product((2, 3), ("direct", "uefi"), (1, 4))
]

_TOOLS = """
import acpi, boot, dma, gc, irq, mmio, mmu, pci, probe, smp, sysreg, time
def raised(f, *a):
    try: f(*a)
    except Exception as e: return type(e).__name__
def wait(what, ms=10000):
    end = time.ticks_add(time.ticks_ms(), ms)
    while not what():
        assert time.ticks_diff(end, time.ticks_ms()) > 0, 'too late'
        time.sleep_ms(1)
edus = pci.find_all(0x1234, 0x11E8)
"""
_HOLE = 0x09F00000  # nothing answers there on QEMU virt


@pytest.fixture
def options(_shared):
    return _shared[0].config


@pytest.fixture
def py(repl):
    repl.exec(_TOOLS)
    return repl


def test_devices_and_tables(py, options):
    assert py.eval("[t.signature for t in acpi.tables() if not t.checksum_ok]") == []
    signatures = set(py.eval("[t.signature for t in acpi.tables()]"))
    assert {"RSDP", "XSDT", "FACP", "DSDT", "APIC", "GTDT", "MCFG", "SPCR"} <= signatures
    assert py.eval("acpi.refused()") == []
    hids = py.eval("[d.hid for d in acpi.devices()]")
    assert hids.count("ACPI0007") == options.cpus and hids.count("LNRO0005") == 32
    assert py.eval("(acpi.find('ARMH0011').memory, acpi.find('ARMH0011').irqs)") == (
        [(0x09000000, 0x1000)],
        [(33, "level", "high")],
    )
    # All pins of four slots.
    routes = py.eval("[r for r in acpi.find('PNP0A08').prt if r[0] >> 16 < 4]")
    assert len(routes) == 16 and {r[3] for r in routes} == {35, 36, 37, 38}


def test_functions_and_bars(py, options):
    found = py.eval("[(f.vendor, f.device) for f in pci.scan()]")
    if options.machine == "uefi":
        found.remove(_ESP)
    assert sorted(found) == sorted(_FUNCTIONS)
    assert py.eval("pci.problems()") == []
    bars = py.eval(
        "[(b.kind, b.address, b.size, b.problem) for f in pci.scan() for b in f.bars"
        " if b.kind != 'rom']"
    )
    assert len(bars) >= 20
    for _, address, size, problem in bars:
        assert address and address % size == 0 and problem is None
    for space in ("mem", "io"):
        placed = sorted(bar[1:3] for bar in bars if bar[0] == space)
        for (address, size), (above, _) in itertools.pairwise(placed):
            assert address + size <= above
    # Through bridges, too: edu's register answers with its complement.
    py.exec(
        "for e in edus:\n"
        "    r = e.enable().bar(0)\n"
        "    assert r[0] & 0xff == 0xed\n"
        "    r[4] = 0x12345678\n"
        "    assert r[4] == 0xedcba987\n"
    )
    assert py.eval("[e.parent is None for e in edus].count(True)") == 1


@pytest.mark.parametrize("kinds", [("msi",), ("intx",)], ids=["msi", "intx"])
def test_interrupts(py, options, kinds):
    """Twenty from each edu, at once, with DMA between; the values tell whose it was."""
    py.exec(
        f"KINDS = {kinds}\n"
        "class Unit:\n"
        "    def __init__(self, fn):\n"
        "        self.r, self.seen = fn.enable().bar(0), []\n"
        "        self.got = fn.interrupts(1, KINDS)\n"
        "        self.line = fn.irq(self.served)\n"
        "    def served(self, line):\n"
        "        cause = self.r[0x24]\n"
        "        self.r[0x64] = cause\n"
        "        if cause: self.seen.append(cause)\n"
        "units = [Unit(e) for e in edus]\n"
        "for i in range(1, 21):\n"
        "    for n, u in enumerate(units): u.r[0x60] = i << n\n"
        "    wait(lambda: all(len(u.seen) == i for u in units))\n"
        "for n, u in enumerate(units): assert u.seen == [i << n for i in range(1, 21)], u.seen\n"
        "assert all(u.line.state == 'ok' for u in units)\n"
        "with dma.alloc(64) as b:\n"
        "    for u in units:\n"
        "        m = memoryview(b)\n"
        "        m[:4], m[32:36] = b'here', b'    '\n"
        "        for a in ((b.phys, 0x40000, 4, 1), (0x40000, b.phys + 32, 4, 3)):\n"
        "            for i, v in enumerate(a): u.r.write64(0x80 + 8 * i, v)\n"
        "            assert u.r.wait(0x98, 1, 0, 5_000_000)\n"
        "        assert bytes(m[32:36]) == b'here'\n"
    )
    by = {2: "v2m", 3: "its"}[options.gic]
    assert py.eval("([u.got.kind for u in units], irq.info()['msi'])") == ([kinds[0]] * 2, by)
    py.exec("for e in edus: e.release()")
    left = "(irq.info()['msi_used'], irq.info()['python_lines'], dma.stats()[0])"
    assert py.eval(left) == (0, 0, 0)


def test_translation(py):
    got = py.eval("mmu.selftest(200)")
    assert set(got) == {"none", "va", "va_asid", "asid", "all"}
    for kind, (rounds, old, _) in got.items():
        assert (rounds, old) == (200, 200 if kind == "none" else 0), kind
    py.exec(
        "for r in mmu.regions():\n"
        "    t = mmu.translate(r.va)\n"
        "    assert t.agree and t.pa == r.pa and t.type == r.type, r\n"
    )


def test_every_cpu(py, options):
    assert py.eval("smp.start()") == options.cpus
    py.exec(
        "import binascii\nd = bytes(range(256)) * 100\nwant = binascii.crc32(d)\n"
        "gicd = boot.hw()['gic']['gicd']\n"
        "for cpu in range(1, smp.count()):\n"
        "    assert smp.call(cpu, 'crc32', d) == want\n"
        "    assert smp.call(cpu, 'memtest', bytearray(4096)) is None\n"
        "    assert smp.call(cpu, 'peek', gicd + 4) == mmio.Regs(gicd, 8)[4]\n"
        f"    assert raised(smp.call, cpu, 'peek', {_HOLE}) == 'BusError'\n"
        "    assert smp.shootdown(cpu, 100) == (100, 100, 0, 0)\n"
    )


def test_registers_by_name(py, options):
    lines = py.exec("sysreg.dump()").splitlines()
    names = [line.partition("=")[0] for line in lines]
    assert len(names) > 100 and {"MIDR_EL1", "SCTLR_EL1", "CNTVCT_EL0"} <= set(names)
    assert py.eval("int(sysreg.MIDR_EL1)") == 0x410FD083  # Cortex-A72 r0p3
    uart = py.exec("probe.regs('uart')")
    assert "CR                     00000301  UARTEN TXE RXE" in uart
    gicd = py.exec("probe.regs('gicd')")
    assert f"ArchRev={options.gic}" in gicd and "ISENABLER[0" in gicd
    redistributors = [name for name in py.eval("probe.names()") if name.startswith("gicr")]
    assert len(redistributors) == (options.cpus if options.gic == 3 else 0)
    # Every device that has a map, read in full.
    py.exec("for f in pci.scan(): f.enable(master=False)")
    said = py.exec("for n in probe.names(): probe.regs(n)", timeout=60)
    assert "unreadable" not in said and said.count("\n") > 300
    assert py.eval("probe.name(probe.addr('xhci0', 'PORTSC', 1))") == "xhci0 PORTSC[1]"


def test_report_and_heartbeat(py, options):
    made = report.parse(report.fetch(py))
    broken = {name for name, part in made.items() if isinstance(part, dict) and "error" in part}
    assert broken == (set() if options.machine == "uefi" else {"efi"})
    assert len(made["pci"]["functions"]) == len(_FUNCTIONS) + (options.machine == "uefi")
    assert made["interrupts"]["version"] == options.gic
    assert len(made["cpu"]["mpidr"]) == options.cpus
    beat = heartbeat.parse(py.exec("from probe import heartbeat\nprint(heartbeat.line())"))
    assert beat.values["dma"] == beat.values["dma_broken"] == 0 and beat.values["heap"] > 1 << 20
    assert beat.interrupts[27] > 0  # the timer


def test_bad_accesses(py):
    """In a driver, in a soft handler, at the prompt; the session goes on and nothing is kept."""
    py.exec(
        f"dead = mmio.Regs({_HOLE}, 64)\n"
        "def driver():\n"
        "    with dma.alloc(64) as b: dead[8] = b.phys\n"
        "assert raised(lambda: dead[0]) == 'BusError'\n"
        "def many(n):\n"
        "    for _ in range(n): assert raised(driver) == 'BusError'\n"
        "many(5)\ngc.collect()\nfree = gc.mem_free()\nmany(1000)\ngc.collect()\n"
        "assert abs(gc.mem_free() - free) < 512 and dma.stats()[0] == 0\n"
        "assert raised(lambda: pci.find(0x1234).cfg[4096]) == 'IndexError'\n"
        "assert raised(lambda: edus[0].enable().bar(0)[2]) == 'ValueError'\n"
    )
    said = py.exec(
        "line = irq.request(32 + 200, lambda line: dead[0], trigger=irq.EDGE, name='bad')\n"
        "line.pend()\nwait(lambda: line.count == 1)\ntime.sleep_ms(5)\nline.free()"
    )
    assert "of INTID 232 bad" in said and "BusError: [Errno 14] EFAULT: read" in said
    assert b"BusError" in py.run(f"import machine\nmachine.mem8[{_HOLE}]").stderr
    assert py.eval("6 * 7") == 42


def test_soft_reset_leaves_nothing(py):
    """Everything that can be taken is, and not given back."""
    py.exec("smp.start()")  # stacks, which stay
    before = py.eval("boot.stats()['free']")
    py.exec(
        "b = dma.alloc(8192, 4096)\n"
        "lines = [e.irq(print) for e in edus]\n"
        "spare = irq.msi(4)\n"
        "mmu.map(1 << 40, b.phys, 8192)\n"
        "s = mmu.Space()\ns.map(1 << 40, b.phys, 4096)\ns.switch()\n"
        "jobs = [smp.submit(c, 'memtest', bytearray(1 << 16), None, 10**6)"
        " for c in range(1, smp.count())]\n"
        "assert dma.stats()[0] and irq.info()['msi_used'] == 6 and mmu.stats().tables\n"
        "assert irq.info()['python_lines'] == 2\n"
    )
    py.soft_reset()
    py.exec(_TOOLS)
    assert py.eval("dma.stats()[:2]") == (0, 0)
    assert py.eval("(irq.info()['msi_used'], irq.info()['python_lines'])") == (0, 0)
    assert py.eval("(mmu.stats().tables, mmu.current())") == (0, None)
    assert py.eval("{c[2] for c in smp.cpus()} - {'boot', 'idle'}") == set()
    assert py.eval("mmu.translate(1 << 40)") is None
    assert py.eval("boot.stats()['free']") >= before
