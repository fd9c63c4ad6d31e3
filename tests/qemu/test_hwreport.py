"""The hardware report of whole machines: held against the schema, and against what QEMU is."""

import base64
import json

import pytest

from pyrallax import report
from pyrallax.__main__ import main
from pyrallax.report import page, text
from pyrallax.vm.config import PARALLELS

pytestmark = pytest.mark.probe

DEVICES = ["qemu-xhci", "usb-ehci", "ich9-ahci", "virtio-net-pci"]
MACHINES = {
    "direct-gic2": {"gic": 2, "device": DEVICES},
    "direct-gic3-4cpus": {"gic": 3, "cpus": 4, "device": DEVICES},
    "uefi-gic3": {"machine": "uefi", "gic": 3, "device": DEVICES},
    "uefi-gic3-v2m": PARALLELS | {"machine": "uefi", "cpus": 4, "device": DEVICES},
    "uefi-gic2": {"machine": "uefi", "gic": 2, "device": DEVICES},
}


@pytest.fixture(params=MACHINES)
def machine(request, vm_factory):
    options = MACHINES[request.param]
    return options, vm_factory(**options).repl()


def test_report(machine):
    options, repl = machine
    source = report.fetch(repl, enable=True)
    made = report.parse(source)
    parts = {name: data for name, data in made.items() if isinstance(data, dict)}
    unread = {name: data["error"] for name, data in parts.items() if "error" in data}
    if options.get("machine") == "uefi":
        assert unread == {}
        assert made["efi"]["vendor"].endswith("EDK II")  # Debian's newer one names Debian, too
        assert made["machine"]["product"] == "QEMU Virtual Machine"
    else:
        assert list(unread) == ["efi"], unread
    assert made["machine"]["hypervisor"] == "QEMU"
    assert made["interrupts"]["version"] == options["gic"]
    assert len(made["cpu"]["mpidr"]) == options.get("cpus", 1)
    assert made["cpu"]["registers"]["MIDR_EL1"] == "0x410fd083"  # Cortex-A72 r0p3
    assert made["cpu"]["registers"]["ID_AA64PFR0_EL1"] is not None
    if options["gic"] == 3:
        assert len(made["interrupts"]["redistributors"]) == options.get("cpus", 1)
    functions = {f["vendor"] << 16 | f["device"]: f for f in made["pci"]["functions"]}
    assert {0x1B36000D, 0x80862922, 0x1AF41000} <= set(functions)
    for f in functions.values():
        config = base64.b64decode(f["config"])
        assert len(config) in (256, 4096)
        assert int.from_bytes(config[:4], "little") == f["device"] << 16 | f["vendor"]
    for table in made["acpi"]["tables"]:
        raw = base64.b64decode(table["raw"])
        assert table["checksum_ok"] and len(raw) == table["length"]
        assert sum(raw) % 256 == 0
    kinds = {each["kind"]: each for each in made["controllers"]}
    assert set(kinds) == {"xhci", "ehci", "ahci"}
    assert int(kinds["xhci"]["registers"]["CAPLENGTH"], 16) >> 16 == 0x100
    assert kinds["ahci"]["registers"]["PI"] == "0x3f"
    assert made["timings"]["sleep of 1 ms"]["ns"] >= 0.9e6
    assert "1b36:000d" in text.render(made, dumps=True)
    assert len(page.render(made)) > 10000


def test_nothing_is_written_to_a_device(repl):
    """Every window that the report makes is traced: loads only, but for fw_cfg's selector."""
    repl.exec("""
import mmio, trace
import acpi, pci
pci.scan(), acpi.devices()  # discovery stores: it sizes BARs and gives them addresses
import probe.hwreport, probe.hwsections
ring = trace.Ring(50000)
def window(*args, **kw):
    r = real(*args, **kw)
    r.trace = ring
    return r
real = mmio.Regs
class Traced:
    Regs = window
import sys
sys.modules['mmio'] = Traced
import probe.hwcontrollers, probe.hwtimings
for f in pci.scan():
    f.cfg.trace = ring
import io
class Nowhere(io.IOBase):
    def write(self, data):
        return len(data)
probe.hwreport.write(Nowhere())
""")
    stores = "[(e.what.name, e.offset, e.value) for e in ring if e.op == 'W'"
    stores += " and e.what.name != 'fw_cfg']"
    count, stores, dropped = repl.eval(f"(len(ring), {stores}, ring.dropped)")
    assert count > 100 and stores == [] and not dropped


def test_save_and_fetch(repl, tmp_path):
    repl.exec("import probe.hwreport\nprobe.hwreport.save('/ram/report.json')")
    made = report.parse(repl.get("/ram/report.json").decode())
    assert made["uart"]["base"] == "0x9000000"


def test_command_on_a_line(vm_factory, tmp_path):
    """As a user does it: the prompt behind a PTY, one command on the host."""
    import threading

    from pyrallax.vm.pty import Bridge

    vm = vm_factory()
    vm.repl().exit_raw()
    bridge = Bridge(vm.wire)
    stop = threading.Event()
    thread = threading.Thread(target=bridge.run, args=(stop.is_set,))
    thread.start()
    try:
        out, html = tmp_path / "r.json", tmp_path / "r.html"
        words = ["hwreport", "--serial", bridge.path, "--out", str(out), "--html", str(html)]
        assert main(words) == 0
        assert json.loads(out.read_text())["version"] == 1
        assert "<h2" in html.read_text()
    finally:
        stop.set()
        thread.join()
        bridge.close()
