"""Interrupts of a function: the order of writes for MSI, MSI-X's table, INTx's route."""

import irq
import mmio
import pci
import pci_host
import pci_intx
from pcisim import BASE, Device, Ecam
from raising import raised

WINDOWS = (("mem", 0x10000000, 0x3EFEFFFF, 0, 32, False),)
ROUTES = [(d << 16 | 0xFFFF, pin, "", 100 + (d + pin) % 4) for d in range(32) for pin in range(4)]


def machine(*devices, vectors=64, how="v2m"):
    """Functions of one bus of these devices, from 00:01.0."""
    mmio.detach_all()
    irq.reset(vectors, how)
    pci_intx._shared.clear()
    ecam = Ecam(4)
    for number, device in enumerate(devices):
        ecam.add(number + 1, 0, device)
    host = pci_host.Host(BASE, 0, 3, windows=WINDOWS, prt=lambda: ROUTES)
    functions = pci.Bus([host]).scan()
    for device in devices:
        del device.log[:]
    return functions


def msi(control=0x0100, bits=32):
    """A function with an MSI capability at 0xE0, as Parallels' xHCI has."""
    device = Device(0x1033, 0x0194, 0xFF0330)
    size = 24 if control & 0x80 else 20
    device.capability(0xE0, b"\x05" + control.to_bytes(2, "little") + bytes(size - 4))
    device.mask[0xE2:0xE4] = b"\x71\x00"
    device.mask[0xE4 : 0xE0 + size] = b"\xff" * (size - 4)
    device.put(0x3C, 0x0100, 0xFF)
    return device


def msix(count=4):
    """A function with MSI-X at 0xB0: table in BAR 1, pending bits behind it."""
    device = Device(0x1AF4, 0x1050, 0x038000, bars=[None, (0x1000, 0)])
    device.capability(
        0xB0, b"\x11" + (count - 1).to_bytes(2, "little") + b"\x01\0\0\0\x01\x08\0\0"
    )
    device.mask[0xB2:0xB4] = b"\x00\xc0"
    device.put(0x3C, 0x0100, 0xFF)
    return device


def memory(f):
    """What BAR 1 maps, as memory."""
    buf = bytearray(0x1000)
    mmio.attach(f.bars[0].address, 0x1000, mmio.Memory(buf))
    return buf


def test_msi_is_programmed_in_the_observed_order():
    device = msi()
    (f,) = machine(device)
    f.enable()
    line = f.irq(lambda line: None)
    assert device.log == [
        (0x04, 16, 0x0006),
        (0xE2, 16, 0x0100),  # disabled
        (0xEC, 32, 1),  # masked
        (0xE4, 32, irq.ADDRESS),
        (0xE8, 16, irq.FIRST),
        (0x04, 16, 0x0406),  # INTx off
        (0xE2, 16, 0x0101),
        (0xEC, 32, 0),  # unmasked, its handler is there
    ]
    assert line.intid == irq.FIRST and line.trigger == irq.EDGE
    assert f.interrupts().kind == "msi"


def test_msi_with_64_bits_and_no_mask():
    device = msi(control=0x0080)
    (f,) = machine(device)
    f.irq(print)
    assert (0xE4, 32, irq.ADDRESS) in device.log and (0xE8, 32, 0) in device.log
    assert (0xEC, 16, irq.FIRST) in device.log and device.log[-1] == (0xE2, 16, 0x0081)
    assert f.interrupts().mask(0) is False and f.interrupts().pending(0) is None


def test_msi_of_several_vectors():
    device = msi(control=0x0184)  # 4 messages
    (f,) = machine(device)
    lines = [f.irq(print, vector=i) for i in range(4)]
    assert [line.intid for line in lines] == [80, 81, 82, 83]
    assert device.get(0xE2, 2) >> 4 & 7 == 2 and device.get(0xF0) == 0
    raised(ValueError, f.irq, print, vector=4)
    assert raised(OSError, f.irq, print, vector=2).errno == 16
    f.release()
    assert irq.lines == {} and irq.free_vectors == 64 and device.get(0xE2, 2) & 1 == 0


def test_msi_falls_to_one_vector_when_the_data_does_not_fit():
    one, two = msi(), msi(control=0x0184)
    a, b = machine(one, two)
    a.irq(print)
    b.irq(print)
    assert b.interrupts().count == 1 and two.get(0xE2, 2) >> 4 & 7 == 0
    assert irq.free_vectors == 62


def test_msix_table_and_masks():
    device = msix()
    (f,) = machine(device)
    buf = memory(f)
    line = f.irq(print, vector=2, name="queue")
    assert line.name == "queue" and line.intid == 82
    entry = [int.from_bytes(buf[i : i + 4], "little") for i in range(32, 48, 4)]
    assert entry == [irq.ADDRESS, 0, 82, 0]
    assert [buf[16 * i + 12] for i in range(4)] == [1, 1, 0, 1]
    assert device.get(0xB2, 2) & 0xC000 == 0x8000 and device.get(4, 2) & 0x402 == 0x402
    # The function is masked as a whole until the table is written.
    controls = [value >> 14 for off, _, value in device.log if off == 0xB2]
    assert controls == [3, 2]
    buf[0x800] = 4
    assert f.interrupts().pending(2) and not f.interrupts().pending(0)
    f.release()
    assert device.get(0xB2, 2) & 0xC000 == 0 and irq.lines == {} and irq.free_vectors == 64
    f.irq(print)
    assert f.interrupts().kind == "msix"


def test_msix_takes_what_is_left():
    (f,) = machine(msix(8), vectors=3)
    memory(f)
    f.irq(print, vector=1)
    assert f.interrupts().count == 2
    raised(ValueError, f.irq, print, vector=2)


def test_msix_outside_its_bar_falls_to_intx():
    device = msix(512)  # 8 KiB of table in 4 KiB of BAR
    (f,) = machine(device)
    assert f.irq(print).trigger == irq.LEVEL and f.interrupts().kind == "intx"
    assert irq.free_vectors == 64


def test_intx_without_messages():
    device = msi()
    (f,) = machine(device, how=None)
    line = f.irq(print)
    assert (line.intid, line.trigger) == (101, irq.LEVEL)
    assert device.get(4, 2) & 0x400 == 0
    f.release()
    assert device.get(4, 2) & 0x400 and irq.lines == {}


def test_intx_rotates_behind_bridges():
    mmio.detach_all()
    irq.reset(how=None)
    pci_intx._shared.clear()
    ecam = Ecam(8)
    a = ecam.add(3, 0, Device(1, 1, 0x060400, header=1))
    b = ecam.add(1, 0, Device(1, 2, 0x060400, header=1), behind=a)
    device = ecam.add(5, 0, Device(1, 3, 0x020000), behind=b)
    device.put(0x3C, 0x0200, 0xFF)  # pin B
    functions = pci.Bus([pci_host.Host(BASE, 0, 7, windows=WINDOWS, prt=lambda: ROUTES)]).scan()
    # B behind device 5 is C on b's bus (1 + 5 = 6 = 2 mod 4), D on a's (2 + 1 = 3).
    assert functions[2].intid == 100 + (3 + 3) % 4
    device.put(0x3C, 0, 0xFF)
    raised(OSError, functions[2].irq, print)


def test_one_way_on_request():
    device = msi()
    (f,) = machine(device)
    assert f.interrupts(kinds=("intx",)).kind == "intx"
    f.irq(print)
    assert 101 in irq.lines


def test_requester_behind_bridges():
    mmio.detach_all()
    ecam = Ecam(8)

    def express(kind):
        bridge = Device(1, kind, 0x060400, header=1)
        bridge.capability(0x40, bytes((0x10, kind << 4 | 2)) + bytes(20))
        return bridge

    port = ecam.add(1, 0, express(4))
    to_pci = ecam.add(0, 0, express(7), behind=port)
    plain = ecam.add(3, 0, Device(1, 99, 0x060400, header=1), behind=to_pci)
    ecam.add(2, 0, Device(2, 1, 0), behind=port)  # not scanned: device 2 on a link
    ecam.add(4, 1, Device(2, 2, 0), behind=to_pci)
    ecam.add(4, 0, Device(2, 3, 0, header=0x80), behind=to_pci)
    ecam.add(5, 0, Device(2, 4, 0), behind=plain)
    functions = pci.Bus([pci_host.Host(BASE, 0, 7, windows=WINDOWS)]).scan()
    ids = {f.device: f.requester for f in functions}
    assert ids[2] == ids[3] == ids[99] == 0x0200
    assert [f.requester for f in functions if f.vendor == 2 and f.device == 4] == [0x0200]
    assert [f.requester for f in functions if f.vendor == 1][:2] == [0x0008, 0x0100]
    assert 1 not in ids
