"""The AHCI driver's asyncio face on the target: loops that end early, errors, no interrupts."""

import pytest
from ahcidisks import MIB, drive, image, machine, value

pytestmark = pytest.mark.storage

_PAUSE = """
async def pause(): await asyncio.sleep_ms(100)
asyncio.run(pause())
"""
_READS = """
import asyncio, hashlib
async def one(k, wrong):
    b = bytearray(2048)
    for i in range(20):
        n = (k * 20 + i) * 4
        if await d.areadblocks(n, b): wrong.append(n)
        if bytes(b) != bytes(memoryview(all)[n * 512:n * 512 + 2048]): wrong.append(n)
async def reads():
    wrong = []
    await asyncio.gather(*[one(k, wrong) for k in range(40)])
    return wrong
all = bytearray(40 * 20 * 2048)
assert d.readblocks(0, all) == 0
"""


@pytest.mark.parametrize("options", ["", "irq=False"])
def test_many_tasks(vm_factory, tmp_path, options):
    image(tmp_path / "d0")
    repl = machine(vm_factory, drive(0, tmp_path / "d0"))
    repl.exec(f"ahci.release()\nahci.probe({options})\nd, = ahci.disks()\n{_READS}")
    for _ in range(3):
        assert value(repl, "asyncio.run(reads())", 60) == []
        assert value(repl, "(d.port.taken, d.port.awaited, d.port.active)") == (0, 0, 0)
    # Whoever looks after the disk goes when nothing was asked for.
    repl.exec(_PAUSE)
    assert value(repl, "len(asyncio.core._io_queue.map)") == 0


def slow(vm_factory, folder):
    """A disk with 1 MB a second, and a buffer whose reading takes that long."""
    image(folder / "d0")
    device, extra = drive(0, folder / "d0")
    extra[-1] += ",throttling.bps-read=1000000"
    repl = vm_factory(device=["ich9-ahci,id=a", device], extra=extra).repl()
    repl.exec("import ahci, asyncio, time\nd, = ahci.disks()\nb = bytearray(1 << 20)")
    repl.exec("d.readblocks(0, b)")
    return repl


_LEFT = """
async def left():
    tasks = [asyncio.create_task(d.areadblocks(2048 * i, b)) for i in range(2)]
    await asyncio.sleep_ms(20)
    return d.port.active != 0
"""


def test_a_loop_that_is_left(vm_factory, tmp_path):
    """Nobody asks for the results any more: the slots are let go of all the same."""
    repl = slow(vm_factory, tmp_path)
    repl.exec(_LEFT)
    assert value(repl, "asyncio.run(left())") is True
    repl.exec("asyncio.new_event_loop()\nc = bytearray(512)")
    assert value(repl, "asyncio.run(d.areadblocks(0, c))", 20) == 0
    assert value(repl, "(d.port.active, d.port.taken, d.port.awaited)") == (0, 0, 0)


def test_a_loop_that_goes_on(vm_factory, tmp_path):
    repl = slow(vm_factory, tmp_path)
    repl.exec(_LEFT)
    assert value(repl, "asyncio.run(left())") is True
    assert value(repl, "asyncio.run(d.areadblocks(0, bytearray(512)))", 20) == 0
    repl.exec(_PAUSE)
    assert value(repl, "(d.port.active, d.port.taken, d.port.awaited)") == (0, 0, 0)


def test_cancelled_among_others(vm_factory, tmp_path):
    repl = slow(vm_factory, tmp_path)
    repl.exec("""
async def mixed():
    bufs = [bytearray(100 << 10) for _ in range(6)]
    tasks = [asyncio.create_task(d.areadblocks(200 * i, bufs[i])) for i in range(6)]
    await asyncio.sleep_ms(20)
    for i in (0, 3): tasks[i].cancel()
    out = []
    for t in tasks:
        try: out.append(await t)
        except asyncio.CancelledError: out.append("cancelled")
    return out
""")
    assert value(repl, "asyncio.run(mixed())", 30) == ["cancelled", 0, 0, "cancelled", 0, 0]
    assert value(repl, "(d.port.active, d.port.taken, d.port.awaited)") == (0, 0, 0)


def test_errors_reach_their_task_alone(vm_factory, tmp_path):
    image(tmp_path / "d0")
    debug = f"driver=blkdebug,node-name=b0,image.driver=file,image.filename={tmp_path}/d0"
    for n, sector in enumerate((1000, 1100)):
        debug += f",inject-error.{n}.event=read_aio,inject-error.{n}.sector={sector}"
        debug += f",inject-error.{n}.errno=5,inject-error.{n}.once=off"
    vm = vm_factory(
        device=["ich9-ahci,id=a", "ide-hd,drive=d0,bus=a.0,rerror=report"],
        extra=["-blockdev", debug, "-blockdev", "driver=raw,node-name=d0,file=b0"],
    )
    repl = vm.repl()
    repl.exec("""
import ahci, asyncio
d, = ahci.disks()
async def reads():
    bufs = [bytearray(512 * 10) for _ in range(64)]
    return await asyncio.gather(*[d.areadblocks(800 + 10 * i, bufs[i]) for i in range(64)])
""")
    wanted = [-5 if i in (20, 30) else 0 for i in range(64)]
    for _ in range(4):  # from the third error on the disk's commands are not queued
        assert value(repl, "asyncio.run(reads())", 60) == wanted
    assert value(repl, "(d.port.depth, d.port.active, d.port.taken)") == (0, 0, 0)


def test_long_odd_and_past_the_end(vm_factory, tmp_path):
    data = image(tmp_path / "d0")
    repl = machine(vm_factory, drive(0, tmp_path / "d0"))
    repl.exec("import asyncio\nb = bytearray(3 << 20)\no = memoryview(bytearray(1025))[1:]")
    assert value(repl, "asyncio.run(d.areadblocks(7, b))") == 0
    assert value(repl, f"bytes(memoryview(b)[{2 * MIB}:][:32])") == data[7 * 512 + 2 * MIB :][:32]
    assert value(repl, "(asyncio.run(d.areadblocks(9, o)), bytes(o[:16]))")[1] == data[4608:][:16]
    assert value(repl, "asyncio.run(d.areadblocks(9, memoryview(b)[:10], 3))") == 0
    assert value(repl, "bytes(b[:10])") == data[4611:][:10]
    assert value(repl, "asyncio.run(d.awriteblocks(65535, b))") == -22
