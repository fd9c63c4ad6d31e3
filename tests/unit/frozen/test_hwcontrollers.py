"""probe.hwcontrollers on models: what is read, and that nothing is written."""

import mmio
from probe import hwcontrollers


class Device:
    """Registers from a dict, 0 elsewhere.  Any store fails the test."""

    def __init__(self, values):
        self.values = values
        self.seen = []

    def read(self, offset, bits):
        assert bits == 32
        self.seen.append(offset)
        return self.values.get(offset, 0)

    def write(self, offset, bits, value):
        raise AssertionError("a store to 0x%x" % offset)


def window(values, size=0x1000):
    return mmio.Regs(0x10000, size, model=Device(values))


def test_ahci_as_on_parallels():
    # Reference §3.1: CAP, VS, PI and the state of ports 0 and 1.
    r = window({0: 0xCE247F05, 4: 0x80000002, 0xC: 3, 0x10: 0x10100, 0x128: 0x113, 0x1A8: 0})
    found = hwcontrollers.ahci(r)
    assert found["CAP"] == "0xce247f05" and found["VS"] == "0x10100"
    assert found["P0SSTS"] == "0x113" and found["P1SSTS"] == "0x0"
    assert "P2SSTS" not in found


def test_xhci_with_its_ports_and_protocols():
    values = {
        0: 0x01100080,  # HCIVERSION 1.10, operational registers at 0x80
        4: 0x0E000820,  # 14 ports
        0x10: 0x01C15001,  # extended capabilities at 0x704
        0x480: 0x21203,
        0x704: 0x03000402,
        0x708: 0x20425355,
        0x714: 0x02000002,
    }
    found = hwcontrollers.xhci(window(values))
    assert found["PORTSC1"] == "0x21203" and "PORTSC14" in found and "PORTSC15" not in found
    assert found["XECP0_1"] == "0x20425355"
    assert found["XECP1_0"] == "0x2000002" and "XECP2_0" not in found


def test_xhci_whose_capabilities_go_round():
    found = hwcontrollers.xhci(window({0: 0x01000020, 0x10: 0x00400000, 0x100: 0xFF01, 0x4FC: 1}))
    assert "XECP0_0" in found
    # A pointer is relative and never 0, so a chain only ends, at the window's end at the latest.
    endless = {0x100 + 4 * i: 0x0101 for i in range(0x400)}
    endless[0] = 0x01000020
    endless[0x10] = 0x00400000
    assert len([name for name in hwcontrollers.xhci(window(endless)) if "XECP" in name]) == 32


def test_ehci_as_on_parallels():
    # Reference §7: 15 ports, all empty.
    found = hwcontrollers.ehci(window({0: 0x01000020, 4: 0x0F, 0x64: 0x1000}, 0x400))
    assert found["PORTSC1"] == "0x1000" and "PORTSC15" in found and "PORTSC16" not in found


def test_all_ones():
    """A device that is gone answers with ones everywhere: bounded, and no exception."""

    class Gone(Device):
        def read(self, offset, bits):
            return (1 << bits) - 1

    for reader in (hwcontrollers.ahci, hwcontrollers.xhci, hwcontrollers.ehci):
        r = mmio.Regs(0x10000, 0x1000, model=Gone({}))
        try:
            assert len(reader(r)) < 600
        except (IndexError, ValueError):
            pass  # an entry of the report says so


def test_nothing_there():
    for kind in ("ahci", "xhci", "ehci"):
        entry = hwcontrollers._one(kind, "here", lambda: mmio.Regs(0x7000000, 0x1000))
        assert "error" in entry or not any(entry["registers"].values()), entry


class Function:
    """An EHCI controller whose bus addresses are not the CPU's."""

    bdf, class_, vendor, device = "00:01.0", 0x0C0320, 0x8086, 0x265C

    def __init__(self, command, problem=None):
        self.cfg = mmio.Regs(0, 256, model=mmio.Memory(bytearray(256)))
        self.cfg.write16(4, command)
        self.problem = problem

    def bar(self, index):
        assert index == 0
        if self.problem:
            raise OSError(16, self.problem)
        return window({0: 0x01000020, 4: 1, 0x64: 0x1000}, 0x400)


def test_a_function_is_read_where_the_cpu_sees_it():
    entry = hwcontrollers._function(Function(2), "ehci", False)
    assert entry["base"] == "0x10000" and entry["registers"]["PORTSC1"] == "0x1000"
    f = Function(0)
    assert "decode" in hwcontrollers._function(f, "ehci", False)["error"]
    assert "registers" in hwcontrollers._function(f, "ehci", True) and f.cfg.read16(4) == 0
    entry = hwcontrollers._function(Function(2, "it overlaps"), "ehci", False)
    assert "it overlaps" in entry["error"] and "registers" not in entry
