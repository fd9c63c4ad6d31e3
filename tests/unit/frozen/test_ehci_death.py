"""The EHCI driver on a model: death and deinit() at the worst of moments."""

import dma
import ehci_chains
import klog
import usb_devices
from usbendpoint import Transfer

from ehci_rig import Rig

AREA = "usb"


class Softly:
    """Calls what() once, as a soft handler would, when the driver has found a transfer's end."""

    def __init__(self, what):
        self.look = ehci_chains.look
        self.what = what
        ehci_chains.look = self

    def __call__(self, t):
        status = self.look(t)
        if status == 0 and self.what:
            what, self.what = self.what, None
            what()
        return status

    def undo(self):
        ehci_chains.look = self.look
        assert self.what is None


def submitted(rig):
    """Three transfers that wait for reports."""
    ts = [Transfer(rig.device(2).endpoints[0x81], rig.alloc(8)) for _ in range(3)]
    for t in ts:
        assert t.submit() == 0
    return ts


def test_let_go_before_it_is_started_anew():
    rig = Rig({2: usb_devices.keyboard()})
    klog.taken()
    rig.model.die()
    rig.clock.sleep_ms(5)
    rig.close()
    assert "restart" not in klog.taken()


def test_death_as_it_is_started_anew():
    """Its interrupt comes before the driver takes it for living."""
    rig = Rig({2: usb_devices.keyboard()})
    interrupt = rig.c._hba.interrupt
    started = []

    def dies(on):
        interrupt(on)
        started.append(on)
        rig.model.die()

    rig.c._hba.interrupt = dies
    rig.model.die()
    rig.clock.sleep_ms(3000)
    assert rig.c.dead and rig.c.restarts == 4 and len(started) == 3
    rig.close()


def test_deinit_as_it_is_started_anew():
    rig = Rig({2: usb_devices.keyboard()})
    interrupt = rig.c._hba.interrupt

    def released(on):
        rig.c.deinit()
        interrupt(on)

    rig.c._hba.interrupt = released
    rig.model.die()
    rig.clock.sleep_ms(500)
    assert rig.c.dead and rig.c.restarts == 1
    rig.close()


def test_death_while_ends_are_told():
    rig = Rig({2: usb_devices.keyboard()})
    ts = submitted(rig)
    softly = Softly(rig.model.die)
    rig.model.ports[1].device.send(0x81, b"\1")
    rig.clock.sleep_ms(20)
    softly.undo()
    assert [t.status for t in ts] == [0, -19, -19] and rig.c.dead
    rig.clock.sleep_ms(500)
    rig.settle()
    assert not rig.c.dead and len(rig.device(2).control(0x80, 6, 0x0100, 0, 18)) == 18
    rig.close()


def test_deinit_while_ends_are_told():
    rig = Rig({2: usb_devices.keyboard()})
    ts = submitted(rig)
    softly = Softly(rig.c.deinit)
    rig.model.ports[1].device.send(0x81, b"\1")
    rig.clock.sleep_ms(20)
    softly.undo()
    assert [t.status for t in ts] == [0, -19, -19] and not rig.c.pipes
    assert not rig.c.memory._blocks and not dma.stopped_at_reset and rig.c.schedule is None


def test_death_in_the_middle_of_a_submit():
    rig = Rig({2: usb_devices.keyboard()})
    t = Transfer(rig.device(2).endpoints[0x81], rig.alloc(8))
    take = rig.c.memory.take

    def taken(count):
        rig.model.die()
        return take(count)

    rig.c.memory.take = taken
    assert t.submit() == -19 or t.status == -19
    rig.c.memory.take = take
    rig.clock.sleep_ms(50)
    assert t.status != 1
    rig.balanced()
    rig.clock.sleep_ms(500)
    rig.settle()
    assert len(rig.device(2).control(0x80, 6, 0x0100, 0, 18)) == 18
    rig.close()
