"""Plugging in and out by QMP: every kind of device, hubs with what they have, while keys come."""

import random
import string
import time

import pytest
from ahcidisks import value
from usbplugs import plugged

pytestmark = pytest.mark.usb

_KINDS = ("usb-mouse", "usb-tablet", "usb-serial", "usb-storage", "usb-kbd", "hub")
_PORTS = (1, 2, 3, "8.1", "8.2")
_PLUGS, _PLUGS_FULL = 24, 500


def heap(repl):
    """Bytes in use.  Each look at its own: the collector takes what an ended task has left on the
    stack for references, and so keeps that through some looks."""
    return min(value(repl, "heap()") for _ in range(4))


@pytest.mark.parametrize("controller, gic", [("qemu-xhci", 3), ("nec-usb-xhci", 2)])
def test_every_kind_comes_and_goes(vm_factory, tmp_path, full, controller, gic):
    _, repl, plug = plugged(vm_factory, tmp_path, controller, "usb-hub,bus=u.0,port=8", gic=gic)
    rng = random.Random(gic)
    base = value(repl, "held()")
    assert base[0] == 1
    for kind in _KINDS:  # names and tables that the first of a kind leaves
        name, more = plug.add(kind, rng.choice(_PORTS))
        repl.exec(f"quiet({more + 1})", timeout=60)
        plug.pull(name)
        repl.exec("quiet(1)", timeout=60)
    first = heap(repl)
    done = 0
    while done < (_PLUGS_FULL if full else _PLUGS):
        batch = [_KINDS[(done + n) % len(_KINDS)] for n in range(rng.randint(1, 3))]
        ports = rng.sample(_PORTS, len(batch))
        there, count = [], 1
        for kind, port in zip(batch, ports, strict=True):
            name, more = plug.add(kind, port)
            there.append(name)
            count += more
            if rng.random() < 0.3:
                time.sleep(rng.random() / 5)  # the next comes while this one is taken in
        if rng.random() < 0.8:
            repl.exec(f"quiet({count})", timeout=60)
            assert value(repl, "len(bus.hcd.slots.used)") == count
        rng.shuffle(there)
        for name in there:
            plug.pull(name)
        repl.exec("quiet(1)", timeout=60)
        done += len(batch)
        assert value(repl, "held()") == base, (batch, ports)
    grown = heap(repl) - first
    print(f"{done} plugs, {grown} bytes")
    assert grown < 2048, grown  # noise; with --full less than an object a plug
    repl.exec("usb.release()")
    assert value(repl, "(dma.stats()[0], usbtask.loop().tasks)") == (0, [])


def test_keys_go_on_meanwhile(vm_factory, tmp_path):
    """Every key arrives, in its order, while others come and go, a hub with children too."""
    vm, repl, plug = plugged(vm_factory, tmp_path, "qemu-xhci", "usb-kbd,bus=u.0,port=8")
    repl.exec(
        "keys = bytearray()\n"
        "keyboard.keys().listen(lambda u, a, m, c: c and a == 1 and keys.append(c))"
    )

    def heard(text):
        end = time.monotonic() + 20
        while len(value(repl, "bytes(keys)")) < len(text) and time.monotonic() < end:
            time.sleep(0.01)
        assert value(repl, "bytes(keys)").decode() == text

    rng = random.Random(3)
    typed = ""
    kinds = [kind for kind in _KINDS if kind != "usb-kbd"]
    for n in range(8):
        kind = "usb-hub" if kinds[n % 5] == "hub" else kinds[n % 5]  # no second keyboard
        name, _ = plug.add(kind, 1 + n % 3)
        for pull in (False, True):
            text = "".join(rng.choices(string.ascii_letters + string.digits, k=12))
            for at in range(0, len(text), 3):  # QEMU's keyboard holds 16 events, a capital is 4
                vm.keyboard.type(text[at : at + 3])
                typed += text[at : at + 3]
                heard(typed)
            if pull:
                plug.pull(name)
    repl.exec("quiet(1)", timeout=60)
    heard(typed)
    assert value(repl, "troubles()") == []
