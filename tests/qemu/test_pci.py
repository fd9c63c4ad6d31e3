"""PCI without firmware: functions found, bridges numbered, every BAR placed and reachable."""

import ast

import pytest

pytestmark = pytest.mark.probe

VM_OPTIONS = {
    "device": [
        "edu,addr=1",
        "virtio-net-pci,addr=2.0,multifunction=on",
        "virtio-rng-pci,addr=2.1",
        "qemu-xhci,addr=3",
        "pcie-root-port,id=rp0,addr=4.0,multifunction=on,chassis=1",
        "pcie-root-port,id=rp1,addr=4.1,chassis=2",
        "pcie-pci-bridge,id=pb0,bus=rp1",
        "edu,bus=pb0,addr=5",
        "nvme,bus=rp0,serial=n0",
        "virtio-gpu-pci,addr=6",
    ]
}


def test_all_functions_are_found(repl):
    got = repl.exec("import pci\nprint([(f.bdf, f.vendor, f.device) for f in pci.scan()])")
    assert ast.literal_eval(got) == [
        ("00:00.0", 0x1B36, 0x0008),
        ("00:01.0", 0x1234, 0x11E8),
        ("00:02.0", 0x1AF4, 0x1000),
        ("00:02.1", 0x1AF4, 0x1005),
        ("00:03.0", 0x1B36, 0x000D),
        ("00:04.0", 0x1B36, 0x000C),
        ("00:04.1", 0x1B36, 0x000C),
        ("00:06.0", 0x1AF4, 0x1050),
        ("01:00.0", 0x1B36, 0x0010),
        ("02:00.0", 0x1B36, 0x000E),
        ("03:05.0", 0x1234, 0x11E8),
    ]


@pytest.mark.parametrize("nth", [0, 1], ids=["root", "behind-two-bridges"])
def test_a_bar_reaches_its_device(repl, nth):
    repl.exec(
        f"import pci\nedu = pci.find_all(0x1234, 0x11E8)[{nth}]\nedu.enable()\nr = edu.bar(0)"
    )
    assert int(repl.exec("print(r[0] & 0xff)")) == 0xED
    assert int(repl.exec("r[4] = 0x12345678\nprint(r[4] ^ 0xffffffff)")) == 0x12345678


def test_every_bar_has_an_address_and_no_problem(repl):
    got = repl.exec(
        "import pci\nprint([(b.address, b.size, b.problem) for f in pci.scan() for b in f.bars])"
    )
    bars = ast.literal_eval(got)
    assert len(bars) > 12
    for address, size, problem in bars:
        assert address and address % size == 0 and problem is None


def test_a_window_that_is_not_there_is_refused(repl):
    repl.exec("import pci\nf = pci.find(0x1234, 0x11E8)")
    got = repl.exec("try:\n f.bar(3)\nexcept ValueError as e:\n print(e)")
    assert got.strip() == "00:01.0 has no BAR 3"
    got = repl.exec("try:\n pci.find(0x1234, 1)\nexcept OSError as e:\n print(e.errno)")
    assert int(got) == 19


def test_lspci_short_forms(repl):
    repl.exec("import pci\nf = pci.find(0x1AF4, 0x1050)")
    long = "00:06.0 Display controller: Red Hat, Inc. Virtio 1.0 GPU (rev 01)"
    assert repl.exec("pci.lspci(only=f)").splitlines() == [long]
    assert repl.exec("pci.lspci('n', f)").splitlines() == ["00:06.0 0380: 1af4:1050 (rev 01)"]
    both = "00:06.0 Display controller [0380]: Red Hat, Inc. Virtio 1.0 GPU [1af4:1050] (rev 01)"
    assert repl.exec("pci.lspci('nn', '00:06.0')").splitlines() == [both]
    dump = repl.exec("pci.lspci('x', f)").splitlines()
    assert len(dump) == 6 and dump[1].startswith("00: f4 1a 50 10 ")
    assert len(repl.exec("pci.lspci('xxxx', f)").splitlines()) == 258
    assert len(repl.exec("pci.lspci()").splitlines()) == 11


@pytest.mark.parametrize("gic", [2, 3])
def test_pins_by_device_tree(vm_factory, gic):
    """No ACPI tables at all: windows and routes of the tree."""
    device = ["pcie-root-port,id=rp,chassis=1", "pcie-pci-bridge,id=pb,bus=rp"]
    device += ["edu,bus=pb,addr=6", "edu,addr=9"]
    repl = vm_factory(gic=gic, machine_options="acpi=off", device=device).repl()
    repl.exec("import acpi, irq, pci, time\nassert acpi.tables() == []\n")
    for edu in ("pci.scan()[-1]", "pci.find(0x1234, 0x11e8)"):
        repl.exec(
            f"edu = {edu}\nedu.enable()\nregs = edu.bar(0)\nseen = []\n"
            "def handler(line):\n"
            "    seen.append(regs[0x24])\n    regs[0x64] = regs[0x24]\n"
            "line = edu.interrupts(kinds=('intx',)).hook(handler)\n"
            "for i in (1, 2, 4):\n    regs[0x60] = i\n    time.sleep_ms(20)\n"
        )
        assert repl.eval("seen") == [1, 2, 4]
        assert repl.eval("line.intid == edu.intid and 35 <= line.intid <= 38")
        repl.exec("edu.release()")
