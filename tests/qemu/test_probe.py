"""The probe toolkit on a machine: devices by name, memory by address, what the prompt shows."""

import pytest
from counted import COUNTED

from pyrallax.repl import TargetError

pytestmark = pytest.mark.probe

VM_OPTIONS = {
    "gic": 3,
    "append": "noautomount usb=off",  # the registers as the hardware has them
    "device": ["ich9-ahci", "qemu-xhci,id=x0", "usb-ehci", "virtio-rng-pci", "usb-kbd,bus=x0.0"],
}
_READY = "import pci\nfrom probe import *\nfor _f in pci.scan(): _f.enable()\n"


def test_names_of_devices(repl):
    repl.exec(_READY)
    assert repl.eval("names()") == [
        *["gicd", "its0", "uart", "gicr0", "timer", "ahci0", "xhci0", "ehci0", "virtio0"]
    ]


def test_addresses_and_names(repl):
    repl.exec(_READY)
    for dev, register, index in (
        ("gicd", "IROUTER", 40),
        ("gicr0", "ISENABLER0", 0),
        ("its0", "BASER", 1),
        ("uart", "FR", 0),
        ("ahci0", "PxCMD", 2),
        ("xhci0", "PORTSC", 1),
        ("xhci0", "ERDP", 0),
        ("ehci0", "PORTSC", 0),
        ("virtio0", "device_status", 0),
    ):
        said = repl.eval(f"name(addr({dev!r}, {register!r}, {index}))")
        assert said.split("[")[0] == f"{dev} {register}" and (index == 0 or f"[{index}]" in said)
    assert repl.eval("name(addr('xhci0', 'ERDP') + 4)") == "xhci0 ERDP[0]+4"
    assert repl.eval("(name(0x40000000), name(0))") == (None, None)


def test_registers_are_what_the_machine_is(repl):
    """Decoded fields against what QEMU was asked for and the hand-off says."""
    repl.exec(_READY + "import boot")
    assert repl.eval("(device('ahci0').CAP.NP, int(device('ahci0').PI))") == (5, 63)
    ports = repl.eval("[(p.CCS, p.PP, p.PLS, p.Speed) for p in device('xhci0').PORTSC]")
    assert len(ports) == 8 and sum(ccs for ccs, *_ in ports) == 1  # the keyboard
    assert [p[3] for p in ports if p[0]] == [3]  # QEMU's keyboard is a high speed one
    assert repl.eval("device('gicd').PIDR2.ArchRev") == 3
    assert repl.eval("(device('gicd').TYPER.ITLinesNumber + 1) * 32") == repl.eval(
        "boot.hw()['gic']['lines']"
    )
    assert repl.eval("(device('gicr0').TYPER.Last, device('gicr0').TYPER.Aff0)") == (1, 0)
    assert repl.eval("[int(r) for r in device('uart').PCellID]") == [0x0D, 0xF0, 0x05, 0xB1]
    assert repl.eval("device('virtio0').num_queues()") == 1


def test_a_field_of_a_port_leaves_its_changes_alone(repl):
    """PORTSC holds CSC after power-on; writing PP must not clear it, writing CSC must."""
    repl.exec(_READY + "ports = device('xhci0').PORTSC\np = [p for p in ports if p.CCS][0]")
    assert repl.eval("(p.CSC, p.PP)") == (1, 1)
    repl.exec("p.WCE = 1")
    assert repl.eval("(p.CSC, p.PP, p.WCE)") == (1, 1, 1)
    repl.exec("p |= 1 << 17")
    assert repl.eval("p.CSC") == 0
    repl.exec("x = device('ahci0')\nx.PxIE[1].TFEE = 1\nx.PxIE[1].DHRE = 1")
    assert repl.eval("int(x.PxIE[1])") == 1 << 30 | 1


def test_or_on_the_target(repl):
    repl.exec(COUNTED + "v.PORTSC[1] |= 1 << 5\n")
    assert repl.eval("(counted.reads, counted.written)") == (1, 0x60)
    repl.exec("v.CTRL &= ~0x20")
    assert repl.eval("counted.written") == 0x42


def test_dumps(repl):
    repl.exec(_READY)
    for name in repl.eval("names()"):
        said = repl.exec(f"regs({name!r})", timeout=60)
        assert "unreadable" not in said and len(said.splitlines()) > 10, said
    said = repl.exec("regs('uart')")
    assert "DR                     not read (reading has effects)" in said
    assert "isr_status             not read (reading has effects)" in repl.exec("regs('virtio0')")
    assert "PORTSC[7]" in repl.exec("regs('xhci0')") and "PxCI[5]" in repl.exec("regs('ahci0')")


def test_a_dump_leaves_the_console_alone(repl):
    """The UART's data register, in the dump's way, takes no byte from the line."""
    repl.exec(
        "import sys, time\nfrom probe import *\nfor _ in range(20): str(device('uart'))\n"
        "print('ready')"
    )
    assert repl.exec("print('still here')") == "still here\n"


def test_acpi_devices_and_functions(repl):
    repl.exec(_READY + "import acpi\nu = acpi.find('ARMH0011')")
    assert repl.eval("device(u).FR.TXFE in (0, 1) and device(u).views[0][1]._regs.base") == (
        0x09000000
    )
    assert repl.eval("device(pci.find(class_=0x010601)).CAP.NP") == 5
    assert repl.eval("device('00:00.0').VENDOR_ID()") == 0x1B36
    assert "no map for class" in repl.exec("regs('00:00.0')")
    said = repl.run("device('toaster')").stderr.decode()
    assert "AttributeError: no device toaster: gicd its0 uart gicr0 timer ahci0" in said
    assert "ValueError: no register map for 5" in repl.run("regs(5)").stderr.decode()


def test_memory_decoding_off_is_told(repl):
    repl.exec(_READY + "f = pci.find(class_=0x010601)\nf.enable(memory=False, master=None)")
    said = repl.exec("regs('ahci0')")
    assert "memory decoding is off: pci.function('" in said and "PxCMD" not in said
    repl.exec("f.enable()")


def test_memory_tools(repl):
    repl.exec("from probe import *\nimport boot, dma\nhole = 0x9f00000")
    said = repl.exec("hexdump(hole, 64)").splitlines()
    assert said[0] == "09f00000  -------- -------- -------- --------  |????????????????|"
    assert said[1:] == ["*", "09f00040"]
    said = repl.exec("hexdump(0x9000ff0 - 8, 24)").splitlines()
    assert said[0].startswith("09000fe8  00000014 00000000 0000000d 000000f0")
    assert "PYRALLAX PANIC" in repl.exec(
        "i, n = 0xffffffff80000000, boot.hw()['image'][1]\na = find('PYRALLAX PANIC', i, n)\n"
        "hexdump(a[0], 16)"
    )
    assert repl.eval("find(b'\\x0d\\0\\0\\0\\xf0', 0x9000f00, 0x100)") == []  # bytes of a device
    repl.exec("b = dma.alloc(8192)\nfill(b.phys, 0x5aa5, 8192, width=2)")
    assert repl.eval(
        "bytes(b[:4]) if hasattr(b, '__getitem__') else bytes(memoryview(b)[:4])"
    ) == (b"\xa5\x5a\xa5\x5a")
    repl.exec("copy(b.phys + 4096, b'here', 4)")
    assert repl.eval("find('here', b.phys, 8192)[0] - b.phys") == 4096
    assert repl.eval("compare(b.phys, b.phys + 4096, 4096)") == 0
    assert repl.eval("compare(b.phys + 8, b.phys + 4104, 4000)") is None
    assert repl.eval("crc32(b'123456789')") == 0xCBF43926
    assert repl.eval("memtest(b)") is None
    assert repl.eval("memtest(n=1 << 20)") is None
    repl.exec("b.free()")
    assert "EPERM" in repl.run("fill(i, 0, 16)").stderr.decode()


def test_find_passes_over_holes(repl):
    repl.exec("from probe import *\nimport boot")
    base = repl.eval("boot.hw()['uart'][0]")
    # From the UART through pages where nothing answers; a device is not hurt by reads of PeriphID.
    assert repl.eval(f"find(b'never', {base + 0xFE0}, 0x10000)") == []


def test_timeit_and_bad_arguments(repl):
    repl.exec("from probe import *\nimport time\nx = [3, 1, 2]")
    assert 80_000 < repl.eval("timeit('time.sleep_us(100)', 20).ns") < 20_000_000
    assert repl.eval("timeit('x.sort()', 5).n") == 5
    assert repl.exec("timeit('y = 6\\nz = y * 7', 1)\nprint('y' in globals())") == "False\n"
    assert " calls)" in repl.exec("print(timeit(lambda: None, 100))")
    for code, error in (
        ("timeit('x', 0)", "ValueError: calls count from 1: 0"),
        ("timeit('x', -5)", "ValueError: calls count from 1: -5"),
        ("timeit(5)", "TypeError: a function, or statements as text: 5"),
        ("watch(5)", "TypeError: a function, or an expression as text: 5"),
        ("copy(0x50000000, 0x51000000)", "TypeError: how many bytes from 0x50000000 on"),
        ("compare(0x50000000, 0x51000000)", "TypeError: how many bytes from 0x50000000 on"),
        ("hexdump(0x50000001, 16, 4)", "ValueError: 0x50000001, 16 bytes: address and length"),
        ("import pci; pci.lspci('vq')", "ValueError: options are of n, v and x: 'vq'"),
    ):
        with pytest.raises(TargetError, match=error):
            repl.exec(code)


def test_the_timer(repl):
    repl.exec("from probe import *\nt = device('timer')")
    assert repl.eval("int(t.CNTFRQ_EL0)") == repl.eval("__import__('boot').hw()['timer'][1]")
    first, second = repl.eval("(t.CNTVCT_EL0(), t.CNTVCT_EL0())")
    assert first < second and repl.eval("t.CNTV_CTL_EL0.ENABLE") == 1
    assert "CNTV_CTL_EL0           0000000000000001  ENABLE" in repl.exec("regs('timer')")
    with pytest.raises(TargetError, match="CNTFRQ_EL0 is read-only"):
        repl.exec("t.CNTFRQ_EL0 = 1")


def test_a_legacy_virtio_function(vm_factory):
    repl = vm_factory(device=["virtio-serial-pci,disable-modern=on,disable-legacy=off"]).repl()
    repl.exec("import pci\nfrom probe import *")
    assert "port decoding is off" in repl.exec("regs('virtio0')")
    repl.exec("pci.find(0x1af4, 0x1003).enable(io=True)\nd = device('virtio0')")
    repl.exec("d.device_status.ACKNOWLEDGE = 1\nd.device_status.DRIVER = 1")
    assert repl.eval("repr(d.device_status)") == "device_status=0x03 ACKNOWLEDGE DRIVER"
    repl.exec("d.device_status = 0")
    assert repl.eval("d.device_status() == 0 and d.queue_size() > 0")
    assert "config_msix_vector" not in repl.exec("print(d)")
    assert repl.eval("name(addr('virtio0', 'queue_size'))") == "virtio0 queue_size"
