"""Plugging in and out of usb-ehci by QMP: every kind that QEMU has with high speed."""

import random
import time

import pytest
from ahcidisks import value
from usbplugs import plugged

pytestmark = pytest.mark.usb

_KINDS = ("usb-mouse", "usb-storage", "usb-tablet", "usb-kbd")
_PORTS = (1, 2, 3, 4, 5)  # of 6: a keyboard stays
_PLUGS, _PLUGS_FULL = 20, 500


def heap(repl):
    """Bytes in use; the least of some looks, the stack may keep what is not."""
    return min(value(repl, "heap()") for _ in range(4))


def test_every_kind_comes_and_goes(vm_factory, tmp_path, full):
    """Up to three at a time, some before the one before is taken in, some pulled in the midst."""
    _, repl, plug = plugged(
        vm_factory, tmp_path, "usb-ehci", "usb-kbd,usb_version=2,bus=u.0,port=6"
    )
    plug.high = True
    rng = random.Random(24)
    for kind in _KINDS:  # names and tables that the first of a kind leaves
        name, _ = plug.add(kind, rng.choice(_PORTS))
        repl.exec("quiet(2)", timeout=60)
        plug.pull(name)
        repl.exec("quiet(1)", timeout=60)
    base, first = value(repl, "(held(), len(bus.hcd.pipes))"), heap(repl)
    assert base[0][0] == 1
    done = 0
    while done < (_PLUGS_FULL if full else _PLUGS):
        there = []
        for n, port in enumerate(rng.sample(_PORTS, rng.randint(1, 3))):
            there.append(plug.add(_KINDS[(done + n) % len(_KINDS)], port)[0])
            if rng.random() < 0.3:
                time.sleep(rng.random() / 5)  # the next comes while this one is taken in
        if rng.random() < 0.8:
            repl.exec(f"quiet({1 + len(there)})", timeout=60)
            assert value(repl, "held()[0]") == 1 + len(there)
        rng.shuffle(there)
        for name in there:
            plug.pull(name)
        repl.exec("quiet(1)", timeout=60)
        done += len(there)
        assert value(repl, "(held(), len(bus.hcd.pipes))") == base, done
    grown = heap(repl) - first
    print(f"{done} plugs, {grown} bytes")
    assert grown < 2048, grown  # noise; with --full less than an object a plug
    assert value(repl, "(bus.hcd.restarts, bus.hcd.dead)") == (0, False)
    repl.exec("usb.release()")
    assert value(repl, "(dma.stats()[0], usbtask.loop().tasks)") == (0, [])
