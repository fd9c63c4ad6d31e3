"""The guide's script on QEMU's edu device: factorial, DMA and interrupt, by every way there is."""

import re

import pytest

from pyrallax import ROOT
from pyrallax.vm.config import PARALLELS

pytestmark = pytest.mark.probe

EDU = "edu,dma_mask=0xffffffffffffffff"
BEHIND = ["pcie-root-port,id=rp,chassis=1", "pcie-pci-bridge,id=pb,bus=rp", EDU + ",bus=pb,addr=7"]


def guide():
    """(the script, what it prints) of the guide."""
    text = (ROOT / "docs/probe-a-device.md").read_text()
    script, said = re.search(
        r"runs this -->\n```python\n(.*?)```\n\n```\n(.*?)```", text, re.S
    ).groups()
    return script, said


def test_the_script_is_short():
    script, _ = guide()
    assert len(script.splitlines()) <= 15


@pytest.mark.parametrize("device", [[EDU], BEHIND], ids=["root", "bridges"])
@pytest.mark.parametrize("machine", ["direct", "uefi"])
@pytest.mark.parametrize("board", [{"gic": 2}, {"gic": 3}, PARALLELS], ids=["2", "3", "3-v2m"])
def test_the_guide(vm_factory, board, machine, device):
    vm = vm_factory(**board, machine=machine, device=device)
    repl = vm.repl()
    script, said = guide()
    assert repl.exec(script).replace("\r", "") == said
    kind = repl.exec("import irq\nprint(edu.interrupts().kind, irq.info()['msi'])").split()
    assert kind == ["msi", vm.config.msi_kind]
    assert int(repl.exec("print(sum(s[3] for s in irq.stats() if edu.bdf in (s[2] or '')))")) == 3
    repl.exec("edu.release()\nedu.enable(False, False)\nbuf.free()")
    assert repl.exec(
        "print([s for s in irq.stats() if edu.bdf in (s[2] or '')], dma.stats()[0])"
    ).split() == ["[]", "0"]


@pytest.mark.parametrize("machine", ["direct", "uefi"])
@pytest.mark.parametrize("device", [[EDU], BEHIND], ids=["root", "bridges"])
def test_by_intx(vm_factory, machine, device):
    repl = vm_factory(machine=machine, device=device).repl()
    script, said = guide()
    head = "import pci\npci.find(0x1234, 0x11E8).interrupts(kinds=('intx',))\n"
    assert repl.exec(head + script).replace("\r", "") == said
    assert repl.exec("print(edu.interrupts().kind)").strip() == "intx"


def test_a_thousand_releases_leak_nothing(vm_factory):
    repl = vm_factory(gic=3, device=[EDU, "virtio-net-pci"]).repl()
    repl.exec("import pci, irq\nedu, net = pci.find(0x1234, 0x11E8), pci.find(0x1AF4)")
    repl.exec("used = irq.info()['msi_used']")
    body = ("edu.irq(print)", "net.irq(print, 2)", "edu.release()", "net.release()")
    repl.exec("for _ in range(1000):\n " + "\n ".join(body), timeout=120)
    assert repl.exec("print(irq.info()['msi_used'] - used)").strip() == "0"
