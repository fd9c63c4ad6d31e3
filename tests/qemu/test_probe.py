"""The probe toolkit on a machine: devices by name, memory by address, what the prompt shows."""

import pytest

pytestmark = pytest.mark.probe

VM_OPTIONS = {
    "gic": 3,
    "append": "noautomount",  # the registers as the hardware has them
    "device": ["ich9-ahci", "qemu-xhci,id=x0", "usb-ehci", "virtio-rng-pci", "usb-kbd,bus=x0.0"],
}
_READY = "import pci\nfrom probe import *\nfor _f in pci.scan(): _f.enable()\n"

# A device that counts how often it is read.
_COUNTED = """
from probe import *
class Counted:
    base, size, name, reads = 0x1000, 0x100, 'counted', 0
    def read32(self, off):
        self.reads += 1
        return 0x62
    def write32(self, off, value):
        self.written = value
counted = Counted()
v = View(Map('unit', '', '''
0x00 CTRL RW ENABLE@0 MODE@5:4
0x04 STATUS RO BUSY@0
0x10+4*3 PORTSC RW PED@1/RW1C PLS@8:5
'''), counted)
"""


@pytest.fixture
def friendly(repl):
    """Types lines at the friendly prompt; each gives what came before the next prompt."""

    def type_line(line: str, end: str = "\r") -> str:
        repl.wire.write((line + end).encode())
        said = repl.wait_prompt(10).decode().replace("\r\n", "\n")
        return said.removeprefix(line + "\n").removesuffix(">>> ")

    repl.exit_raw()
    repl.wait_prompt()
    repl.drain()
    yield type_line
    repl.enter_raw()


def test_names_of_devices(repl):
    repl.exec(_READY)
    assert repl.eval("names()") == [
        *["gicd", "its0", "uart", "gicr0", "ahci0", "xhci0", "ehci0", "virtio0"]
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
    repl.exec(_COUNTED + "v.PORTSC[1] |= 1 << 5\n")
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
    assert "AttributeError: no device toaster: gicd its0 uart gicr0 ahci0" in said
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


def test_timeit(repl):
    repl.exec("from probe import *\nimport time\nx = [3, 1, 2]")
    assert 80_000 < repl.eval("timeit('time.sleep_us(100)', 20).ns") < 20_000_000
    assert repl.eval("timeit('x.sort()', 5).n") == 5
    assert repl.exec("timeit('y = 6\\nz = y * 7', 1)\nprint('y' in globals())") == "False\n"
    assert " calls)" in repl.exec("print(timeit(lambda: None, 100))")


def test_completion_and_dir_read_nothing(repl, friendly):
    repl.enter_raw()
    repl.exec(_COUNTED)
    assert repl.eval("sorted(n for n in dir(v) if n.isupper())") == ["CTRL", "PORTSC", "STATUS"]
    assert repl.eval("sorted(n for n in dir(v.CTRL) if n.isupper())") == ["ENABLE", "MODE"]
    assert repl.eval("(hasattr(v.PORTSC[1], 'PED'), hasattr(v.PORTSC[1], 'CSC'))") == (True, False)
    assert repl.eval("(hasattr(v, 'STATUS'), hasattr(v, 'DATA'), counted.reads)") == (
        *(True, False),
        0,
    )
    repl.exec("p = v.PORTSC[1]")
    repl.exit_raw()
    repl.wait_prompt()
    for typed, shown in (
        (b"v.ST\t", b"ATUS"),
        (b"v.CTRL.EN\t", b"ABLE"),
        (b"p.PL\t", b"S"),
        (b"v.PORT\t", b"SC"),
    ):
        repl.wire.write(typed)
        assert repl.read_until(shown, 5).endswith(shown), typed
        repl.wire.write(b"\x03")
        repl.wait_prompt(5)
    repl.wire.write(b"v.CTRL.\t")
    said = repl.wait_prompt(5)
    assert b"ENABLE" in said and b"MODE" in said
    repl.wire.write(b"\x03")
    repl.wait_prompt(5)
    assert friendly("counted.reads") == "0\n"
    assert friendly("v.CTRL.MODE, counted.reads") == "(2, 1)\n"


def test_completion_of_the_toolkit(friendly, repl):
    friendly("from probe import *")
    for typed, shown in ((b"hexdu\t", b"mp"), (b"unwa\t", b"tch"), (b"timei\t", b"t")):
        repl.wire.write(typed)
        assert repl.read_until(shown, 5).endswith(shown), typed
        repl.wire.write(b"\x03")
        repl.wait_prompt(5)


def test_watch(friendly):
    friendly("from probe import *")
    friendly("x = 1")
    assert friendly("watch('x')") == "x: 1\n"
    assert friendly("y = 2") == ""
    assert friendly("x = 5") == "x: 1 -> 5\n"
    assert friendly("x = 5") == ""
    assert friendly("watch()") == "x\n"
    assert friendly("if 1:\r  x = 6\r").endswith("x: 5 -> 6\n")
    assert friendly("unwatch('x')") == "" and friendly("x = 7") == ""
    assert "KeyError" in friendly("unwatch('x')")


def test_watch_of_a_register(friendly):
    friendly(_COUNTED.split("class")[0].strip())
    friendly("u = device('uart')")
    assert friendly("watch('u.IBRD')").startswith("u.IBRD: IBRD=0x0000")
    assert "-> IBRD=0x00000007 DIVINT=7" in friendly("u.IBRD = 7")


def test_a_watch_that_raises_is_taken_off(friendly):
    friendly("from probe import *")
    friendly("z = [1]")
    assert friendly("watch('z[0]')") == "z[0]: 1\n"
    said = friendly("z.clear()")
    assert said.startswith("z[0]: no longer watched:\n") and said.count("IndexError") == 1
    assert friendly("1") == "1\n" and friendly("watch()") == ""
    assert "SyntaxError" in friendly("watch('1 +')")


def test_a_watch_that_hangs_gives_way_to_ctrl_c(friendly, repl):
    friendly("from probe import *")
    friendly("def hang():\r  while on: pass\r")
    friendly("on = False")
    friendly("watch(hang)")
    repl.wire.write(b"on = True\r")
    repl.read_until(b"on = True\r\n", 5)
    repl.drain(0.3, 1)
    repl.wire.write(b"\x03")
    assert b"KeyboardInterrupt" in repl.wait_prompt(5)
    repl.wire.write(b"6 * 7\r")
    assert repl.wait_prompt(5) == b"6 * 7\r\n42\r\n>>> "


def test_the_raw_repl_shows_no_watch(friendly, repl):
    friendly("from probe import *")
    friendly("n = 0")
    friendly("def ticking():\r  global n\r  n += 1\r  return n\r")
    assert friendly("watch(ticking)") == "ticking: 1\n"
    assert friendly("0") == "0\nticking: 1 -> 2\n"
    repl.enter_raw()
    before = repl.eval("n")
    assert repl.exec("") == "" and repl.exec("print('x')") == "x\n"
    assert repl.eval("n") == before
    assert repl.exec("hexint()\nprint(255)") == "255\n"
    assert repl.wire.read(0.3) == b""


def test_input_is_no_prompt(friendly, repl):
    friendly("from probe import *")
    friendly("n = 0")
    friendly("def ticking():\r  global n\r  n += 1\r  return n\r")
    friendly("watch(ticking)")
    repl.wire.write(b"a = input('>> ')\r")
    repl.read_until(b"\r\n>> ", 5)
    repl.wire.write(b"hello\r")
    assert repl.wait_prompt(5) == b"hello\r\nticking: 1 -> 2\r\n>>> "


def test_hexint(friendly):
    friendly("from probe import *")
    assert friendly("255") == "255\n"
    friendly("hexint(True)")
    assert friendly("255") == "0xff\n"
    assert friendly("_") == "0xff\n"
    assert friendly("(1, [-16], {'a': 10}, True, None, 'x')") == (
        "(0x1, [-0x10], {'a': 0xa}, True, None, 'x')\n"
    )
    assert friendly("(17,), ()") == "((0x11,), ())\n"
    assert friendly("None") == "" and friendly("print(255)") == "255\n"
    assert friendly("1.5, b'a'") == "(1.5, b'a')\n"
    friendly("w = 10")
    assert friendly("watch('w')") == "w: 0xa\n"
    friendly("unwatch()")
    friendly("hexint(False)")
    assert friendly("255") == "255\n"
    friendly("hexint(False)")


def test_a_soft_reset_forgets_watches(friendly, repl):
    friendly("from probe import *")
    friendly("x = 1")
    friendly("watch('x')")
    repl.enter_raw()
    repl.soft_reset()
    repl.exit_raw()
    assert b"x:" not in repl.wait_prompt()
    assert friendly("import prompt; prompt.before()") == ""


def test_import_is_cheap(repl):
    """The toolkit's parts come when they are called."""
    assert (
        repl.exec(
            "from probe import *\nimport sys\n"
            "print(sorted(m for m in sys.modules if m.startswith('probe')))"
        )
        == "['probe', 'probe.fields', 'probe.regs', 'probe.view']\n"
    )


def test_help(repl):
    repl.exec("from probe import *\nimport acpi, mmio")
    said = repl.exec("help()")
    assert said.startswith("Pyrallax: MicroPython owns this machine.")
    assert "hexdump" in said and "rawmem: ranges of addresses" in said
    assert max(len(line) for line in said.splitlines()) < 80
    said = repl.exec("help(hexdump)")
    assert said.startswith("  hexdump(addr, n=256, width=None)\n      print ")
    assert "probe.trace" not in repl.exec("help(acpi)") and "devices()" in repl.exec("help(acpi)")
    assert repl.exec("help(acpi.find)") == (
        "  acpi.find(name)\n      the device with this _HID or _CID\n"
    )
    assert repl.exec("help(mmio.Regs)").startswith("  mmio.Regs(base, size")
    assert repl.exec("help('memtest')").count("memtest(") == 2  # probe's and rawmem's
    assert "is of type int" in repl.exec("help(5)")  # MicroPython's own
