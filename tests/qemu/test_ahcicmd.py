"""The C module ahcicmd over registers that are plain memory: what QEMU's controller never does."""

import pytest
from ahcidisks import value

from pyrallax.repl import TargetError

pytestmark = pytest.mark.storage

_SETUP = """
import ahcicmd, dma, mmio
memory = dma.alloc(0x2000, 4096)
regs = mmio.Regs(memory.phys, 0x2000, 32, "fake")
hba = ahcicmd.Hba(regs)
told = []
hba.notify = told.append
px = regs.window(0x100, 0x80, "port 0")
port = ahcicmd.Port(hba, px, 0, dma.alloc(18176, 1024), dma.alloc(4096, 1024))
port.blocks, port.depth, port.what, port.wide = 1000, 32, ahcicmd.LBA48, 1
IS, SERR, CI, SACT, TFD = 0x10, 0x30, 0x38, 0x34, 0x20
"""


@pytest.fixture
def fake(repl):
    repl.exec(_SETUP)
    return repl


def test_a_command_longer_than_its_table(fake):
    fake.exec("import uctypes\nb = uctypes.bytearray_at(0x40000000, (96 << 20) + 2)")
    with pytest.raises(TargetError, match="ValueError"):
        fake.exec("port.run(bytes(20), b, 0, 100)")
    assert value(fake, "(port.active, px[CI])") == (0, 0)


def test_plugged_into_an_empty_port(fake):
    fake.exec("regs[8] = 1 << 5\nregs[0x100 + 5 * 0x80 + IS] = 1 << 6\nhba.interrupt(None)")
    assert value(fake, "(set(told), hba.plugged)") == ({5}, 1 << 5)
    # RW1C: what was set is written, and DIAG.X, DIAG.N.
    assert value(fake, "(regs[0x100 + 5 * 0x80 + IS], regs[0x100 + 5 * 0x80 + SERR])") == (
        1 << 6,
        1 << 26 | 1 << 16,
    )


def test_an_end_that_is_does_not_show(fake):
    fake.exec("hba.irq = True\nb = bytearray(1024)\ns = port.submit(0, 7, b)")
    assert value(fake, "(port.active, px[CI], px[SACT], port.result(s))") == (1, 1, 1, 1)
    fake.exec("px[CI] = px[SACT] = 0\npx[IS] = 8\nhba.interrupt(None)")
    assert value(fake, "(port.active, hba.missing > 0, port.result(s), port.taken)") == (
        0,
        True,
        0,
        0,
    )


def test_unplugged_while_a_command_is_under_way(fake):
    fake.exec("b = bytearray(512)\ns = port.submit(1, 7, b)\npx[IS] = regs[8] = 1 << 22")
    fake.exec("regs[8] = 1\nhba.interrupt(None)")
    assert value(fake, "(told == [port], port.changed, port.attention)") == (True, 1, 1)
    fake.exec("""
def attend(p):
    held = p.halt()
    p.gone = 19
    for i in range(32):
        if held >> i & 1: p.finish(i, -19)
    p.recovering = p.attention = 0
port.attend = attend
""")
    assert (
        value(fake, "(port.readblocks(0, b), port.result(s), port.readblocks(0, b))") == (-19,) * 3
    )
    assert value(fake, "(port.poll(), port.taken, port.submit(0, 0, b))") == (False, 0, -19)


@pytest.mark.parametrize("bit", [24, 27, 28, 29, 30])
def test_errors_call_for_attention(fake, bit):
    fake.exec(f"s = port.submit(0, 7, bytearray(512))\npx[TFD] = 0x4051\npx[IS] = 1 << {bit}")
    assert value(fake, "(port.poll(), port.causes, port.tfd)") == (True, 1 << bit, 0x4051)


def test_a_plain_command_that_failed_is_no_success(fake):
    """QEMU clears its bit in PxCI: asked again before recovery, it has not ended well."""
    fake.exec("port.depth = 0\ns = port.submit(0, 7, bytearray(512))\npx[TFD] = 0x4051")
    fake.exec("px[IS] = 1 << 30\npx[CI] = 0\nport.poll()\npx[IS] = 0\nport.poll()")
    fake.exec("hba.interrupt(None)")
    assert value(fake, "(port.result(s), port.active, port.causes)") == (1, 1, 1 << 30)


def test_all_ones_plug_nothing_in(fake):
    fake.exec("port.close()\nregs[8] = 0xffffffff")
    fake.exec("for n in range(32): regs[0x100 + n * 0x80 + IS] = 0xffffffff")
    fake.exec("hba.interrupt(None)")
    assert value(fake, "(told, hba.plugged)") == ([], 0)


def test_gather_goes_on_after_recovery(fake):
    fake.exec(_ATTEND + "from array import array\nport.timeout_ms = 20\nport.attention = 1")
    assert value(fake, "port.gather(array('Q', range(4)), 1, bytearray(4 * 512))") == 0
    assert value(fake, "(port.active, port.taken, port.attention)") == (0, 0, 0)


def test_what_attend_raises_or_forgets(fake):
    fake.exec("b = bytearray(512)\nport.timeout_ms = 20\ncalls = []")
    for body in ("raise ValueError('bug')", "calls.append(1)", "raise KeyboardInterrupt"):
        fake.exec(f"def attend(p):\n    {body}\nport.attend = attend\nport.attention = 0")
        run = "r = None\ntry:\n    r = port.readblocks(0, b)\n    for _ in range(3): pass\n"
        fake.exec(run + "except KeyboardInterrupt:\n    pass")
        assert value(fake, "(r, port.active, port.held, port.taken)") == (-5, 0, 0, 0), body


def test_a_request_in_recovery_is_refused(fake):
    fake.exec("port.recovering = 1\nb = bytearray(512)")
    assert value(fake, "(port.readblocks(0, b), port.submit(0, 0, b))") == (-16, -16)


def test_a_time_out_in_the_watch(fake):
    fake.exec("import time\nport.timeout_ms = 5\ns = port.submit(0, 0, bytearray(512))")
    fake.exec("time.sleep_ms(10)")
    assert value(fake, "(port.poll(), port.late)") == (True, 1)


@pytest.mark.parametrize(
    "call",
    ["readblocks(0, b)", "writeblocks(0, b)", "gather(array('Q', [7]), 1, b)", "submit(0, 7, b)"],
)
def test_registers_that_do_not_answer(fake, call):
    fake.exec("from array import array\ndead = ahcicmd.Hba(mmio.Regs(0x08100000, 0x2000))")
    fake.exec(
        "q = ahcicmd.Port(dead, mmio.Regs(0x08100100, 0x80), 0, dma.alloc(18176, 1024),"
        " dma.alloc(4096, 1024))\nq.blocks, q.what, q.wide = 1000, 8, 1\nb = bytearray(512)"
    )
    assert value(fake, f"(q.{call}, q.{call}, q.gone, q.active)") == (-19, -19, 19, 0)
    # What was masked when nothing answered is not any more.
    fake.exec("import machine\nstate = machine.disable_irq()\nmachine.enable_irq(state)")
    assert value(fake, "(state & 1 << 7, q.taken, q.submit(0, 0, b))") == (0, 0, -19)
    fake.exec("q.close()")


def test_registers_that_stop_to_answer(fake):
    """All ones, as from a PCI function that was pulled: what is under way ends at once."""
    fake.exec("b = bytearray(512)\ns = port.submit(0, 7, b)\npx[IS] = 0xffffffff")
    assert value(fake, "(port.readblocks(0, b), port.result(s), port.gone)") == (-19, -19, 19)
    assert value(fake, "'does not answer' in str(__import__('klog').read()[0])")


_ATTEND = """
def attend(p):
    for i in range(32):
        if p.halt() >> i & 1: p.finish(i, -4 if p.cancelled >> i & 1 else 0)
    for i in range(1000): pass  # Ctrl-C does not end this
    p.recovering = p.attention = p.late = 0
port.attend = attend
"""
_HANGING = {
    "read": "port.readblocks(0, b)",
    "write": "port.writev(0, [b, b])",
    "gather": "port.gather(array('Q', range(40)), 1, bytearray(40 * 512))",
}


@pytest.mark.parametrize("what", _HANGING)
def test_ctrl_c_ends_what_hangs(vm_factory, what):
    vm = vm_factory()
    repl = vm.repl()
    repl.exec(_SETUP + _ATTEND + "from array import array\nb = bytearray(512)\nimport time")
    repl.exit_raw()
    repl.wait_prompt()
    code = f"print('wait' + 'ing')\nt = time.ticks_ms()\nr = {_HANGING[what]}\n"
    vm.wire.write(b"\x05" + code.encode() + b"print('not reached'[:3])\n\x04")
    repl.read_until(b"waiting\r\n", 5)
    vm.wire.write(b"\x03")
    assert b"KeyboardInterrupt" in repl.read_until(b">>> ", 8)
    repl.enter_raw()
    assert value(repl, "1000 < time.ticks_diff(time.ticks_ms(), t) < 6000")
    assert value(repl, "(r, port.taken, port.cancelled, port.active)") == (-4, 0, 0, 0)


_LEFT = "import dma, klog, mmio\nr = mmio.Regs({}, 0x2000)"


def test_a_soft_reset_stops_every_port(fake):
    """Also those that no Port is for; what is not implemented is left alone."""
    at = value(fake, "memory.phys")
    fake.exec("regs[0x0c] = 7\nfor n in 0, 1, 3: regs[0x118 + 0x80 * n] = 0x1b")
    fake.soft_reset()
    fake.exec(_LEFT.format(at))
    assert value(fake, "[r[0x118 + 0x80 * n] for n in range(4)]") == [0x0A, 0x0A, 0, 0x1B]
    assert value(fake, "(r[4], dma.stats()[0])") == (0, 0)


def test_a_controller_that_nothing_stops_keeps_its_memory(fake):
    """It is reset once the port's time is over; until that has helped, nobody gets the pool."""
    at = value(fake, "memory.phys")
    fake.exec("regs[0x0c] = 1\npx[0x18] = 1 << 15 | 0x11\nport.close()")
    fake.soft_reset()
    fake.exec(_LEFT.format(at))
    assert value(fake, "(r[4], r[0x118], dma.stats()[0])") == (1, 1 << 15 | 0x10, 3)
    assert value(fake, "'not even a reset stops it' in str(klog.read())")
    fake.exec("r[4] = r[0x118] = 0")  # now it has
    fake.soft_reset()
    assert value(fake, "__import__('dma').stats()[0]") == 0


def test_a_controller_that_goes_while_it_is_reset_writes_nothing(fake):
    """With its reset bit these registers are all ones, as those of one that was pulled."""
    at = value(fake, "memory.phys")
    fake.exec("regs[0x0c] = 1\npx[0x18] = 1 << 15 | 0x11\nregs[4] = 0xfffffffe")
    fake.soft_reset()
    fake.exec(_LEFT.format(at))
    assert value(fake, "(r[4], dma.stats()[0])") == (0xFFFFFFFF, 0)


def test_a_controller_that_was_given_back_is_left_alone(fake):
    at = value(fake, "memory.phys")
    fake.exec("px[0x18] = 0x11\nhba.close()")
    fake.soft_reset()
    fake.exec(_LEFT.format(at))
    assert value(fake, "r[0x118]") == 0x11


def test_odd_places(fake):
    for call in (
        "ahcicmd.Port(hba, px, 32, memory, memory)",
        "ahcicmd.Port(hba, px, 0, bytearray(100), memory)",
        "port.run(bytes(19))",
        "port.rerun(3)",
        "port.finish(0, 0)",
    ):
        fake.exec(f"try:\n    {call}\n    r = 0\nexcept ValueError:\n    r = 1")
        assert value(fake, "r") == 1, call
    assert value(fake, "(port.close(), port.close())") == (None, None)
