"""The AHCI driver's asyncio face on the target: loops that end early, errors, no interrupts."""

import pytest
from ahcidisks import MIB, drive, image, machine, run_held, value

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


@pytest.fixture
def disk(vm_factory, tmp_path):
    """run(code): a program on a machine whose reads are held until it prints "held"; its prompt.

    The first read passes: `spend()` is that.
    """
    image(tmp_path / "d0")
    device, extra = drive(0, tmp_path / "d0")
    vm = vm_factory(device=["ich9-ahci,id=a", device], extra=extra)
    repl = vm.repl()
    repl.exec(_SPEND)
    return (lambda code: run_held(vm, repl, code)), repl


_SPEND = """
import ahci, asyncio
d, = ahci.disks()
d.port.timeout_ms = 60000  # the host may be slow to let go
b = bytearray(1 << 20)
def spend(): assert d.readblocks(0, b) == 0
async def left():
    for i in range(2): asyncio.create_task(d.areadblocks(2048 * i, b))
    while not d.port.active: await asyncio.sleep(0)
"""


@pytest.mark.parametrize(
    ("between", "then"), [("asyncio.new_event_loop()", ""), ("", _PAUSE)], ids=["left", "goes on"]
)
def test_a_loop_that_ends_early(disk, between, then):
    """The slots are let go of also where nobody asks for the results any more."""
    run, repl = disk
    run(f"""
spend()
asyncio.run(left())
assert d.port.active
{between}
print("held")
assert asyncio.run(d.areadblocks(0, bytearray(512))) == 0
""")
    repl.exec(then)
    assert value(repl, "(d.port.active, d.port.taken, d.port.awaited)") == (0, 0, 0)


def test_cancelled_among_others(disk):
    run, repl = disk
    run("""
async def mixed():
    bufs = [bytearray(100 << 10) for _ in range(6)]
    tasks = [asyncio.create_task(d.areadblocks(200 * i, bufs[i])) for i in range(6)]
    while d.port.active != 63: await asyncio.sleep(0)
    for i in (0, 3): tasks[i].cancel()
    print("held")
    out = []
    for t in tasks:
        try: out.append(await t)
        except asyncio.CancelledError: out.append("cancelled")
    return out
spend()
out = asyncio.run(mixed())
""")
    assert value(repl, "out") == ["cancelled", 0, 0, "cancelled", 0, 0]
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
