"""AHCI on QEMU with blkdebug: errors of the medium reach the caller, and nobody else."""

import pytest
from ahcidisks import image, value

pytestmark = pytest.mark.storage


def start(vm_factory, path, *rules: str):
    """The prompt of a machine whose disk fails by these blkdebug rules; `d` is the disk."""
    image(path)
    debug = f"driver=blkdebug,node-name=b0,image.driver=file,image.filename={path}"
    for n, rule in enumerate(rules):
        debug += "".join(f",inject-error.{n}.{part}" for part in rule.split(","))
    vm = vm_factory(
        device=["ich9-ahci,id=a", "ide-hd,drive=d0,bus=a.0,rerror=report,werror=report"],
        extra=["-blockdev", debug, "-blockdev", "driver=raw,node-name=d0,file=b0"],
    )
    repl = vm.repl()
    repl.exec("import ahci, klog\nd, = ahci.disks()\nb = bytearray(4096)\n_, pos = klog.read()")
    return repl


def logged(repl) -> str:
    """What the driver logged since the start."""
    return value(repl, "klog.read(pos)[0]").decode()


def test_a_block_that_cannot_be_read(vm_factory, tmp_path):
    repl = start(vm_factory, tmp_path / "d0", "event=read_aio,sector=1000,errno=5,once=off")
    assert value(repl, "[d.readblocks(n, b) for n in (984, 992, 1000, 1001, 1008)]") == [
        0,
        0,
        -5,
        0,
        0,
    ]
    said = logged(repl)
    assert said.count("ahci: sd0: read of 8 blocks at LBA 1000: device ABRT") == 3
    assert said.count(", again") == 2
    repl.exec("from array import array\nlbas = array('Q', range(960, 1040, 8))")
    repl.exec("slots, bufs = [], []")
    repl.exec(
        "for n in lbas:\n bufs.append(bytearray(4096))\n"
        " slots.append(d.port.submit(0, n, bufs[-1]))"
    )
    repl.exec("while d.port.active or d.port.held:\n if d.port.poll(): d.attend(d.port)")
    assert value(repl, "[d.port.result(s) for s in slots]") == [
        -5 if n == 5 else 0 for n in range(10)
    ]
    repl.exec("g = bytearray(40960)")
    assert value(repl, "(d.gather(lbas, 8, g), d.port.taken, d.port.active)") == (-5, 0, 0)
    assert value(repl, "bytes(g[:4096]) == bytes(bufs[0]) and any(g[:4096])")


def test_once_is_healed(vm_factory, tmp_path):
    repl = start(vm_factory, tmp_path / "d0", "event=read_aio,sector=1000,errno=5,once=on")
    assert value(repl, "d.readblocks(1000, b)") == 0
    assert ", again" in logged(repl)


def test_without_retries_it_is_not(vm_factory, tmp_path):
    repl = start(vm_factory, tmp_path / "d0", "event=read_aio,sector=1000,errno=5,once=on")
    repl.exec("d.retries = 0")
    assert value(repl, "[d.readblocks(1000, b) for _ in range(2)]") == [-5, 0]


def test_writes_and_flushes(vm_factory, tmp_path):
    repl = start(
        vm_factory,
        tmp_path / "d0",
        "event=write_aio,sector=2000,errno=5,once=off",
        "event=flush_to_disk,iotype=flush,errno=5,once=off",
    )
    assert value(repl, "[d.writeblocks(n, b) for n in (1992, 2000, 2008)]") == [0, -5, 0]
    assert value(repl, "(d.flush(), d.ioctl(3, 0), d.readblocks(0, b))") == (-5, -5, 0)
    assert "ahci: sd0: flush: device ABRT" in logged(repl)
    assert value(repl, "d.port.dirty") == 1


def test_a_controller_that_goes(vm_factory, tmp_path):
    """The bus stops answering below the driver: no exception, -ENODEV."""
    repl = start(vm_factory, tmp_path / "d0")
    repl.exec("import mmu, pci\nf = pci.find(class_=0x0106)")
    repl.exec("f.enable(memory=False)")
    assert value(repl, "[d.readblocks(0, b) for _ in range(3)]", 120) == [-19] * 3
    assert "ahci: port 0: the controller does not answer" in logged(repl)
    repl.exec("f.enable()")
    repl.exec("ahci.release()\nd2, = ahci.disks()")
    assert value(repl, "d2.readblocks(0, b)") == 0


def test_a_reset_of_the_controller(vm_factory, tmp_path):
    """QEMU has no port that needs it: the link says once that the device does not get ready."""
    data = image(tmp_path / "d0")
    other = image(tmp_path / "d1", seed=2)
    vm = vm_factory(
        device=["ich9-ahci,id=a", "ide-hd,drive=d0,bus=a.0", "ide-hd,drive=d1,bus=a.3"],
        extra=[
            *("-drive", f"if=none,id=d0,format=raw,file={tmp_path}/d0"),
            *("-drive", f"if=none,id=d1,format=raw,file={tmp_path}/d1,throttling.bps-read=300000"),
        ],
    )
    repl = vm.repl()
    # One program: the host's speed counts for nothing between the requests and the reset.
    repl.exec("""
import ahci, klog
c, = ahci.probe()
a, d = c.disks
_, pos = klog.read()
bufs = [bytearray(65536) for _ in range(8)]
under_way = [d.port.submit(0, 128 * i, bufs[i]) for i in range(8)]
ready, calls = a.link.ready, []
def once(*args):
    calls.append(1)
    return len(calls) > 1 and ready(*args)
a.link.ready = once
a.port.late = a.port.attention = 1
b = bytearray(4096)
busy = d.port.active != 0
r = a.readblocks(2048, b)
""")
    assert value(repl, "(busy, r, bytes(b[:16]))") == (True, 0, data[1 << 20 :][:16])
    said = logged(repl)
    assert "the device stays busy: resetting the controller" in said and "sd1" not in said
    assert value(repl, "[d.port.result(slot) for slot in under_way]") == [0] * 8
    assert value(repl, "b''.join(bytes(x[:8]) for x in bufs)") == b"".join(
        other[65536 * i :][:8] for i in range(8)
    )
    repl.exec("n = c.hba.irqs")
    assert value(repl, "[x.readblocks(8, b) for x in (a, d, a)]") == [0] * 3
    assert value(repl, "(c.hba.irqs - n >= 3, a.port.lost, d.port.lost)") == (True, 0, 0)
