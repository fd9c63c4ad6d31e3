"""The EHCI driver on a model, when ports, memory and the controller itself fail."""

import dma
import usb_devices
import usb_hubs
import usbtask
from ehci import Controller
from ehci_model import Ehci
from raising import raised
from usbendpoint import Transfer

from ehci_rig import Place, Rig, Timer, listen

AREA = "usb"


def test_ports_that_fail():
    for fault in ("stuck", "gone", "disabled"):
        rig = Rig({1: usb_devices.keyboard()}, prepare=lambda m, f=fault: m.resets.update({1: f}))
        assert rig.bus.devices == []
        rig.balanced()
        rig.close()


def test_an_address_rests():
    """Whoever failed still has it, until his port is reset: another device must not get it."""
    rig = Rig({1: usb_devices.keyboard()})
    model = usb_devices.mouse("high")
    model.faults = {1: "stall"}  # the first try fails, with an address
    rig.model.plug(2, model)
    rig.clock.sleep_ms(1000)
    rig.settle()
    assert (rig.device(1).address, rig.device(2).address) == (1, 3)
    rig.close()


def test_unplugging():
    for at in range(0, 400, 23):
        keyboard = usb_devices.keyboard()
        rig = Rig()
        rig.model.plug(2, keyboard)
        rig.clock.sleep_ms(at)
        rig.model.unplug(2)
        rig.clock.sleep_ms(50)
        rig.settle()
        assert rig.bus.devices == []
        rig.balanced()
        rig.model.plug(2, keyboard)
        rig.clock.sleep_ms(20)
        rig.settle()
        t, came = listen(rig, rig.device(2))
        rig.model.unplug(2)
        rig.clock.sleep_ms(50)
        rig.settle()
        assert came == [(-19, b"")]
        rig.close()


def test_death_and_life():
    rig = Rig({2: usb_devices.keyboard()})
    old = rig.device(2)
    t, came = listen(rig, old)
    rig.model.die()
    rig.clock.sleep_ms(5)
    assert came == [(-19, b"")] and old.gone and t.submit() == -19
    rig.clock.sleep_ms(500)
    rig.settle()
    new = rig.device(2)
    assert new is not old and new.address == 2 and rig.c.restarts == 1
    assert any("died: USBSTS is 0x" in text for text in rig.warned())
    for _ in range(5):
        rig.model.die()
        rig.clock.sleep_ms(500)
    assert rig.c.dead and rig.c.restarts == 4
    rig.close()


def test_a_doorbell_without_an_answer():
    """Nobody knows what hardware has then: it is reset before the memory goes."""
    rig = Rig({2: usb_devices.keyboard()})
    rig.model.stuck = "bell"
    device = rig.device(2)
    assert raised(OSError, device.control, 0x80, 6, 0x7700, 0, 8).errno in (19, 110)
    assert rig.c.restarts == 1
    rig.model.stuck = None
    rig.clock.sleep_ms(500)
    rig.settle()
    assert rig.device(2).address == 2 and not rig.c.dead
    rig.close()


def test_a_controller_that_is_pulled():
    rig = Rig({2: usb_devices.keyboard()})
    t, came = listen(rig, rig.device(2))
    rig.model.gone = True
    rig.clock.sleep_ms(5)
    rig.c._interrupt(None)
    rig.clock.sleep_ms(50)
    assert came == [(-19, b"")] and rig.c.dead and rig.place.silenced
    dma.stopped_at_reset.clear()  # a soft reset would find nothing, too
    rig.close()


def test_bring_up_that_fails():
    for stuck in ("reset", "start"):
        dma.reset()
        raised_by = raised(OSError, Rig, {}, prepare=lambda m, s=stuck: setattr(m, "stuck", s))
        assert raised_by.errno == 110 and dma.stats()[0] == 0, stuck
        assert not Timer.made

    def runs_on(model):
        model.stuck = "halt"
        model.regs.update({0: 1, 4: 0})

    rig = Rig(prepare=runs_on)
    assert rig.warned() and not rig.c.dead
    rig.model.stuck = None
    rig.close()


def test_a_line_that_is_in_use():
    rig = Rig({1: usb_devices.keyboard()})
    rig.place.busy = 3
    rig.close()
    assert rig.place.released == 1


def test_no_memory():
    """At each allocation in turn: nothing is lost, and the device is refused or works."""
    alloc = dma.alloc
    for n in range(1, 14):
        left = [n]

        def failing(size, align=64, name="", left=left):
            left[0] -= 1
            if left[0] == 0:
                raise OSError(12, "no memory")
            return alloc(size, align, name)

        rig = None
        dma.alloc = failing
        try:
            rig = Rig({1: usb_devices.keyboard()})
        except OSError as why:
            assert why.errno == 12
        finally:
            dma.alloc = alloc
        if rig is None:
            assert dma.stats()[0] == 0
        else:
            rig.close()


def test_no_bus_time_and_no_isochronous():
    rig = Rig({1: usb_devices.keyboard()})
    device = rig.device(1)
    e = device.endpoints[0x81]
    e.kind = "isochronous"
    assert raised(OSError, lambda: usbtask.run(rig.c.configure(device, [e]))).errno == 95
    e.kind, e.mps, e.mult, e.interval = "interrupt", 1024, 2, 1
    rig.c.schedule.budget._high[77] = 60000
    pipe, e.hcd_data = e.hcd_data, None
    usbtask.run(rig.c.configure(device, []))
    assert pipe.gone
    assert raised(OSError, lambda: usbtask.run(rig.c.configure(device, [e]))).errno == 28
    rig.c.schedule.budget._high[77] = 0
    usbtask.run(rig.c.configure(device, [e]))
    rig.close()


def test_memory_out_of_reach():
    rig = Rig({1: usb_devices.keyboard()})
    t = Transfer(rig.device(1).endpoints[0x81], rig.alloc(8))
    t.offset = 1 << 32
    assert not rig.c.wide and t.submit() == -22
    rig.close()
    rig = Rig({1: usb_devices.keyboard()}, wide=True)
    assert rig.c.wide and rig.device(1).address == 1
    rig.close()


def test_probing_leaves_a_controller_alone():
    """Attaching is the caller's: making a Place writes nothing."""
    from simtime import install

    model = Ehci(install())
    Place(model)
    assert model.writes == 0
    assert Controller.shared_address0


def test_a_controller_in_use_is_left_alone():
    rig = Rig({1: usb_devices.keyboard()})
    writes = rig.model.writes
    assert raised(OSError, Controller, rig.place, clock=rig.clock).errno == 16
    assert rig.model.writes == writes and not rig.place.released
    assert len(rig.device(1).control(0x80, 6, 0x0100, 0, 18)) == 18
    rig.close()


def test_who_is_refused_answers_no_more():
    """It has no address, or one that will be another's: its port is disabled."""
    for at, fault in ((0, "stall"), (3, "stall"), (0, "silent")):
        rig = Rig()
        bad = usb_devices.mouse("high")
        bad.faults = {n: fault for n in range(at, 100)}
        rig.model.plug(1, bad)
        rig.clock.sleep_ms(200)
        rig.model.plug(2, usb_devices.keyboard())  # between its tries
        rig.clock.sleep_ms(20)
        rig.settle()
        assert rig.device(1) is None and not rig.model.ports[0].portsc & 4
        assert len(rig.device(2).control(0x80, 6, 0x0100, 0, 18)) == 18
        assert rig.model.fault is None
        rig.close()


def test_who_is_refused_behind_a_hub_answers_no_more():
    hub, bad = usb_hubs.Hub("high"), usb_devices.mouse("high")
    bad.faults = {n: "stall" for n in range(100)}
    hub.plug(1, bad)
    hub.plug(2, usb_devices.keyboard())
    rig = Rig({1: hub})
    assert [d.name for d in rig.bus.devices] == ["1-1", "1-1.2"]
    assert not hub.state[1] & 2 and rig.model.fault is None
    rig.close()
