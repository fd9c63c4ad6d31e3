"""The heartbeat line of a running machine, read as the host tools read it."""

import re
import time

import pytest

from pyrallax import heartbeat
from pyrallax.repl import Repl, TargetError
from pyrallax.wire import Wire

pytestmark = [pytest.mark.boot, pytest.mark.probe]


_SLOW_S = 30.0  # a loaded host


def listen(repl: Repl, seconds: float) -> str:
    """All that comes in this time: to see that nothing does."""
    end = time.monotonic() + seconds
    text = b""
    while (left := end - time.monotonic()) > 0:
        text += repl.wire.read(left)
    return text.decode()


def hear(wire: Wire, count: int) -> str:
    """What comes until there are so many whole lines of a heartbeat."""
    end = time.monotonic() + _SLOW_S
    text = b""
    while len(re.findall(rb"@@ .*\n", text)) < count and (left := end - time.monotonic()) > 0:
        text += wire.read(left)
    return text.decode()


def friendly(repl: Repl, line: str) -> None:
    repl.exit_raw()
    repl.drain()
    repl.wire.write(line.encode() + b"\r")


def test_beats(repl):
    repl.exec(
        "import dma\nfrom probe import heartbeat\n"
        "heartbeat.counters['usb_keys'] += 3\nheartbeat.counters['my.own'] = lambda: -7\n"
        "held = dma.alloc(64)"
    )
    friendly(repl, "heartbeat.start(100)")
    text = hear(repl.wire, 10)
    found = list(heartbeat.beats(text))
    assert len(found) == text.count("@@") >= 10
    assert heartbeat.troubles(found) == []
    first, last = found[0].values, found[-1].values
    assert first["n"] == 1 and last["usb_keys"] == 3 and last["my.own"] == -7
    assert last["dma"] == 1 and last["dma_broken"] == 0 and last["heap"] > 1 << 20
    gone = last["up_ms"] - first["up_ms"]
    assert 50 * (len(found) - 1) < gone < 1000 * _SLOW_S
    assert last["irq"] == sum(found[-1].interrupts.values()) > 0
    assert found[-1].interrupts[27] > found[0].interrupts[27]  # the timer
    for line in text.splitlines():
        assert "@@" not in line or re.search(r"@@ heartbeat 1 .* \*[0-9a-f]{8}$", line), line
    repl.enter_raw()
    repl.exec("heartbeat.stop()\nheld.free()")


def test_broken_guards_show(repl):
    repl.exec(
        "import dma, machine\nfrom probe import heartbeat\nb = dma.alloc(64)\n"
        "machine.mem8[b.phys + 64] = 0"
    )
    beat = heartbeat.parse(repl.exec("print(heartbeat.line())"))
    assert beat.values["dma_broken"] == 1
    repl.exec("b.free()")


def test_silent_in_raw_mode_and_counted(repl):
    repl.exec("from probe import heartbeat\nheartbeat.start(100)\nimport time")
    assert repl.exec("time.sleep_ms(500)") == ""
    assert listen(repl, 0.5) == ""
    friendly(repl, "pass")
    found = list(heartbeat.beats(hear(repl.wire, 2)))
    assert found and found[0].values["dropped"] >= 5
    assert heartbeat.troubles(found) == []


def test_a_counter_that_raises_is_taken_off(repl):
    """Its traceback would come into raw REPL mode again and again."""
    repl.exec(
        "from probe import heartbeat\nimport time\n"
        "heartbeat.counters.update({'bad': lambda: 1 // 0, 'text': 'x', 'good': lambda: 2})\n"
        "heartbeat.start(100)"
    )
    assert repl.exec("time.sleep_ms(500)") == ""
    assert listen(repl, 0.3) == ""
    assert repl.eval("sorted(heartbeat.counters)") == ["good", "usb_keys"]
    assert heartbeat.parse(repl.exec("print(heartbeat.line())")).values["good"] == 2
    said = repl.exec("import klog\nklog.dmesg()\nheartbeat.stop()")
    assert "heartbeat: no more bad: ZeroDivisionError" in said and "no more text" in said


def test_stop_and_soft_reset_end_it(repl):
    repl.exec("from probe import heartbeat\nheartbeat.stop()\nheartbeat.start(100)")
    friendly(repl, "heartbeat.stop()")
    repl.drain()
    assert "@@" not in listen(repl, 0.4)
    friendly(repl, "heartbeat.start(100)")
    assert "@@" in hear(repl.wire, 1)
    repl.wire.write(b"\x04")
    repl.wait_prompt(10)
    assert "@@" not in listen(repl, 0.4)


def test_period(repl):
    repl.exec("from probe import heartbeat")
    for bad in (0, 99, -1):
        with pytest.raises(TargetError, match="ValueError"):
            repl.exec(f"heartbeat.start({bad})")


@pytest.mark.vm_options(append="heartbeat=200")
def test_by_command_line(vm):
    found = list(heartbeat.beats(hear(vm.wire, 3)))
    assert len(found) >= 3 and found[0].values["n"] == 1
    assert heartbeat.troubles(found) == []
    repl = Repl(vm.wire)  # vm.repl() would wait for the prompt, which was heard
    repl.enter_raw()
    assert repl.eval("6 * 7") == 42
