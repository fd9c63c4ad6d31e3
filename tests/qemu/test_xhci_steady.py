"""xHCI in the long run: hubs, hot plug, transfers that allocate nothing."""

import pytest
from usbmachines import CONTROLLERS, machine, settle, value

pytestmark = pytest.mark.usb

_REPEAT = """
import gc, time
t = Transfer(d.ep0, dma.alloc(64))
t.length = 18
t.setup[:] = bytes((128, 6, 0, 1, 0, 0, 18, 0))
n = 0
def again(t):
    global n
    n += 1
    if n % 1000: assert t.submit() == 0
t.callback = again
def many():
    global n
    n = 0
    gc.collect()
    before = gc.mem_alloc()
    assert t.submit() == 0
    while n < 1000: time.sleep_ms(1)
    return gc.mem_alloc() - before
many()
"""


def test_nothing_is_allocated(vm_factory):
    """Fewer bytes for 1,000 transfers than one each would take."""
    _, repl = machine(vm_factory, "usb-kbd")
    repl.exec(_REPEAT)
    assert value(repl, "many()") < 2000


def test_the_program_goes_on(vm_factory):
    """A transfer that is begun anew as soon as it has ended, for ever: others have their turn."""
    _, repl = machine(vm_factory, "usb-kbd")
    repl.exec(_REPEAT)
    repl.exec("t.callback = lambda t: stopped or t.submit()\nstopped = False\nt.submit()")
    assert value(repl, "sum(range(1000))") == 499500
    repl.exec("stopped = True")
    assert value(repl, "(time.sleep_ms(5), t.status)") == (None, 0)


def test_two_hubs_deep(vm_factory):
    _, repl = machine(
        vm_factory,
        "usb-hub,port=1",
        "usb-hub,port=1.2",
        "usb-kbd,port=1.2.3",
        "usb-tablet,port=2",
    )
    settle(repl, 4)
    found = value(repl, "sorted((d.name[2:], d.speed, d.depth) for d in bus.devices)")
    assert found == [
        ("1", "full", 0),
        ("1.2", "full", 1),
        ("1.2.3", "full", 2),
        ("2", "high", 0),
    ]
    assert value(repl, "[d.route for d in bus.devices if d.depth == 2]") == [0x32]
    assert value(repl, "sorted(c.slots.used)") == [1, 2, 3, 4]


@pytest.mark.parametrize("controller", CONTROLLERS)
def test_hot_plug(vm_factory, full, controller):
    """Keyboards, disks and hubs come and go; nothing is left of them."""
    vm, repl = machine(vm_factory, "usb-tablet", controller=controller)
    repl.exec("import gc\ngc.collect()")
    before = value(repl, "(dma.stats()[0], len(c.slots.used))")
    kinds = ("usb-kbd", "usb-mouse", "usb-hub", "usb-ccid")
    for n in range(500 if full else 12):
        vm.qmp("device_add", driver=kinds[n % len(kinds)], id=f"k{n}", bus="x.0")
        settle(repl, 2)
        vm.qmp("device_del", id=f"k{n}")
        settle(repl, 1)
    assert value(repl, "(dma.stats()[0], len(c.slots.used))") == before
    assert value(repl, "(c.restarts, c.events.stats()['lost'], len(usbtask.loop().tasks))") == (
        0,
        0,
        0,
    )


def test_hot_unplug_under_load(vm_factory):
    """A device goes while its transfers are under way, and while it is asked for its names."""
    vm, repl = machine(vm_factory, "usb-tablet")
    before = value(repl, "dma.stats()[0]")
    for n in range(12):
        vm.qmp("device_add", driver="usb-kbd", id=f"k{n}", bus="x.0")
        if n % 3 == 1:
            settle(repl, 2)
            repl.exec(
                "def load(d):\n"
                "    try:\n"
                "        while True:\n"
                "            yield 1\n"
                "            yield from d.request(0x80, 6, 0x0100, 0, 18)\n"
                "    except OSError as why:\n"
                "        ended.append(why.errno)\n"
                "ended = []\n"
                "usbtask.start(load(bus.devices[-1]))"
            )
        vm.qmp("device_del", id=f"k{n}")
        settle(repl, 1)
        if n % 3 == 1:
            assert value(repl, "ended") == [19]
    assert value(repl, "(dma.stats()[0], len(c.slots.used))") == (before, 1)
