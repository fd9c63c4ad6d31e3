"""The EHCI driver's lists on a model: what hardware may have still when they are switched off."""

import usb_devices
import usb_storage
import usbtask
from usbendpoint import Transfer

from ehci_rig import Rig, listen

AREA = "usb"


def test_a_list_that_was_off_begins_at_its_head():
    """ASYNCLISTADDR has stayed at a queue head that is gone meanwhile (EHCI 1.0 §2.3.7)."""
    rig = Rig({1: usb_devices.keyboard()})
    rig.model.plug(2, usb_devices.mouse("high"))
    rig.clock.sleep_ms(1000)  # nobody asks for anything: switched off
    rig.settle()
    for _ in range(2):
        rig.model.unplug(2)
        rig.clock.sleep_ms(100)
        rig.model.plug(2, usb_devices.keyboard())
        rig.clock.sleep_ms(500)
        rig.settle()
        assert rig.device(2)
    assert rig.c.restarts == 0
    rig.close()


def test_the_list_stays_on_for_the_doorbell():
    """Its idle time is up while the answer to a doorbell is out: that would never come."""
    rig = Rig({2: usb_storage.Storage()})
    t = Transfer(rig.device(2).endpoints[0x81], rig.alloc(512))
    t.limit_ms = None
    assert t.submit() == 0  # nothing comes: the list stays on
    rig.clock.sleep_ms(450)
    t.cancel()
    assert rig.c.schedule.ringing
    rig.c.schedule._task.due = rig.clock.ticks_ms()
    usbtask.loop().tick()
    rig.clock.sleep_ms(400)
    assert (t.status, rig.c.restarts, rig.warned()) == (-125, 0, [])
    assert not rig.model.regs[0] & 0x20  # and is switched off after it
    rig.close()


def test_a_late_answer_is_not_for_the_next_doorbell():
    rig = Rig({2: usb_storage.Storage()})
    t = Transfer(rig.device(2).endpoints[0x81], rig.alloc(512))
    assert t.submit() == 0
    rig.model.stuck = "bell"
    t.cancel()
    rig.model.cause(0x20)  # of the one before
    rig.model.interrupt()
    assert rig.c.schedule.ringing and t.status == 1
    rig.model.stuck = None
    rig.clock.sleep_ms(20)
    assert (t.status, rig.c.restarts) == (-125, 0)
    rig.close()


def test_the_last_interrupt_endpoint_goes_as_another_comes():
    """A soft handler links it just after nothing was found to be linked."""
    rig = Rig({1: usb_devices.keyboard(), 2: usb_devices.mouse("high")})
    schedule = rig.c.schedule
    t, came = listen(rig, rig.device(2))
    pipe = t.endpoint.hcd_data
    usbtask.run(schedule.remove((pipe,)))
    linked = []

    class Pipes(list):
        def __bool__(self):
            empty = not len(self)
            if empty and not linked:
                linked.append(pipe)
                rig.c.mender.back(pipe)
            return not empty

    schedule._periodic = Pipes(schedule._periodic)
    rig.model.unplug(1)
    rig.clock.sleep_ms(100)
    rig.settle()
    assert linked and rig.device(1) is None
    rig.model.ports[1].device.send(0x81, b"\1")
    rig.clock.sleep_ms(50)
    assert came == [(0, b"\1")]
    rig.close()
