"""A line per second on serial, for programs that watch a machine (docs/log-format.md)."""

import gc
import time
from binascii import crc32

import dma
import irq
import klog
from machine import Timer
from micropython import const

import _counters

_VERSION = const(1)
_PERIOD_MIN_MS = const(100)
_KEYS_MAX = const(40)  # interrupt sources in one line; the rest is in irq=

# What drivers count: name -> int, or a function without arguments that gives one.
counters = _counters.counters

_state = {"timer": None, "n": 0, "dropped": 0}


def _fields():
    rows = sorted((row[0], row[3]) for row in irq.stats() if row[3])
    dma_stats = dma.stats()
    yield "n", _state["n"]
    yield "up_ms", time.ticks_ms()
    yield "heap", gc.mem_free()
    yield "dma", dma_stats[0]
    yield "dma_broken", dma.check()
    yield "dropped", _state["dropped"]
    for name in sorted(counters):
        value = _value(name)
        if value is not None:
            yield name, value
    yield "irq", sum(count for _, count in rows)
    for intid, count in rows[:_KEYS_MAX]:
        yield "irq.%d" % intid, count


def _value(name):
    """A counter's value; None of one that fails, which is taken off.

    Its traceback would come every period, in raw REPL mode, too.
    """
    value = counters[name]
    try:
        return int(value() if callable(value) else value)
    except Exception as why:
        del counters[name]
        klog.log(klog.WARN, "heartbeat: no more %s: %s: %s" % (name, type(why).__name__, why))
        return None


def line():
    """The line as it is now, without its end."""
    text = "@@ heartbeat %d %s" % (_VERSION, " ".join("%s=%d" % f for f in _fields()))
    return "%s *%08x" % (text, crc32(text))


def _beat(_):
    _state["n"] += 1
    if not klog.console(line()):
        _state["dropped"] += 1


def start(period_ms=1000):
    """Print the line every period_ms, 100 at least, until stop() or a soft reset.

    Never in raw REPL mode: such lines are counted in `dropped`.  Raises ValueError.
    """
    if period_ms < _PERIOD_MIN_MS:
        raise ValueError("period_ms from 100")
    stop()
    _state["timer"] = Timer(-1, period=period_ms, callback=_beat)


def stop():
    """End what start() began.  Harmless when nothing runs."""
    if _state["timer"]:
        _state["timer"].deinit()
        _state["timer"] = None
