"""Ctrl-C at the friendly prompt while something waits: the session goes on at once."""

import time

import pytest

pytestmark = [pytest.mark.boot, pytest.mark.probe]

VM_OPTIONS = {"cpus": 2}
SETUP = """
import asyncio, machine, mmio, select, smp, sys, time
rtc = mmio.Regs(0x09010000, 0x1000, name="rtc")
"""


@pytest.fixture
def prompt(repl):
    """The shared machine at its friendly prompt, with SETUP done."""
    repl.exec(SETUP)
    repl.exit_raw()
    repl.wait_prompt()
    repl.drain()
    return repl


def interrupt(prompt, code, after=0.15, within=10.0):
    """Type code (Ctrl-E pastes it), wait, press Ctrl-C; what it said until the prompt is back."""
    prompt.wire.write(b"\x05print('wait' + 'ing')\n" + code.encode() + b"\x04")
    prompt.read_until(b"waiting\r\n", 10)
    time.sleep(after)
    prompt.wire.write(b"\x03")
    said = prompt.read_until(b">>> ", within)
    prompt.wire.write(b"6 * 7\r")
    prompt.read_until(b"42\r\n>>> ", within)
    return said.decode()


WAITS = {
    "mmio.wait": "rtc.wait(0xfe0, 0xff, 0, 60_000_000)",
    "mmio.wait, traced": (
        "import trace\nrtc.trace = trace.Ring(16)\nrtc.wait(0xfe0, 0xff, 0, 60_000_000)"
    ),
    "mmio.wait in a generator": (
        "def g():\n    yield rtc.wait(0xfe0, 0xff, 0, 60_000_000)\nlist(g())"
    ),
    "mmio.fifo_read of much": "rtc.fifo_read(0xfe0, bytearray(32 << 20))",
    "mmio.fifo_write of much": "rtc.fifo_write(4, bytearray(32 << 20))",
    "smp.call": "smp.call(1, 'crc32', 0x48000000, 64 << 20)\n" * 1000,
    "smp.submit": "j = smp.submit(1, 'read', 0x48000000, 64 << 20, 10000)\nj.wait()",
    "sleep": "time.sleep(60)",
    "sleep_ms": "time.sleep_ms(60_000)",
    "sleep_us": "time.sleep_us(60_000_000)",
    "idle": "while True:\n    machine.idle()",
    "lightsleep": "machine.lightsleep(60_000)",
    "time_pulse_us": (
        "class Pin(machine.PinBase):\n    def value(self):\n        return 0\n"
        "machine.time_pulse_us(Pin(), 1, 60_000_000)"
    ),
    "asyncio.sleep": "async def f():\n    await asyncio.sleep(60)\nasyncio.run(f())",
    "asyncio.ThreadSafeFlag": (
        "async def f():\n    await asyncio.ThreadSafeFlag().wait()\nasyncio.run(f())"
    ),
    "poll": "p = select.poll()\np.register(sys.stdin, select.POLLERR)\np.poll(60_000)",
    "input": "sys.stdin.read(5)",
    "a loop in Python": "while rtc[0xfe0]:\n    pass",
}


@pytest.mark.parametrize("name", WAITS)
def test_a_wait_ends(prompt, name):
    assert "KeyboardInterrupt" in interrupt(prompt, WAITS[name])


def test_a_soft_handler_that_waits(prompt):
    """It is the handler that ends, and says so; the program it interrupted goes on."""
    said = interrupt(
        prompt,
        "def handler(t):\n    rtc.wait(0xfe0, 0xff, 0, 60_000_000)\n"
        "t = machine.Timer(-1, mode=machine.Timer.ONE_SHOT, period=20, callback=handler)\n"
        "for i in range(1000):\n    time.sleep_ms(1)\nprint('went on')\n",
        within=20.0,
    )
    assert "KeyboardInterrupt" in said and "in handler" in said and "went on" in said


def test_a_driver_cleans_up(prompt):
    said = interrupt(
        prompt,
        "try:\n    rtc.wait(0xfe0, 0xff, 0, 60_000_000)\nfinally:\n    print('stopped')\n",
    )
    assert said.index("stopped") < said.index("KeyboardInterrupt")
