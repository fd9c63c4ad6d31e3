"""The xHCI driver when a soft interrupt, or another event, comes in the middle of a mend."""

import usb_devices
import usbtask
import xhci_pipes
from usbendpoint import Transfer
from xhci_table import Table

from xhci_rig import Rig, commands, listen

AREA = "usb"


class Submitted:
    hcd_data = None


class Submitting:
    """A Ring to which a soft interrupt submits just after it was found empty."""

    def __init__(self):
        self.held = True
        self.rung = self.queued = 0

    @property
    def pending(self):
        before = self.queued
        if not before:
            self.queued = 1
            self.rung += not self.held
        return before

    def kick(self):
        self.held = False
        self.rung += 1


def test_a_submission_while_the_endpoint_goes_on():
    class Pipe:
        ring = Submitting()

    xhci_pipes.Pipe.resume(Pipe)
    assert Pipe.ring.rung == 1 and not Pipe.ring.held


def test_a_failure_just_before_a_mend_ends():
    rig = Rig({2: usb_devices.keyboard("super")})
    t, _ = listen(rig, rig.device(2))
    late = Transfer(t.endpoint, rig.alloc(8))
    pipe, mender = t.endpoint.hcd_data, rig.c.mender

    class Nothing(list):
        """Looked at last by the mend; then the event comes."""

        def __bool__(self):
            if late.status != 1:
                late.status = 1
                mender.failed(pipe, late, 0, 6)
            return False

    pipe.cancelled = Nothing()
    assert pipe.take()
    for _ in mender._mend(pipe):
        raise AssertionError("nothing was to be mended")
    pipe.cancelled = []
    rig.clock.sleep_ms(100)
    assert late.status == -32 and t.status == -125 and pipe.take()
    pipe.give()
    rig.close()


def racing(rig, before):
    """before(pipe of the model) is called when a running endpoint is told to stop."""
    pipe = rig.model.slots.slots[1].pipes[3]
    stop = pipe.stop

    def late(parameter):
        if pipe.state == 1:
            before(pipe)
        return stop(parameter)

    pipe.stop = late


def ends(t):
    """The list of (status, actual, text) that its end will be, however often."""
    out = []
    real = t.finish

    def finish(*how):
        out.append(how)
        real(*how)

    t.finish = finish
    return out


def test_an_endpoint_that_fails_while_it_is_stopped():
    rig = Rig({2: usb_devices.keyboard("super")})
    device, model = rig.device(2), rig.model.ports[1].device
    t, came = listen(rig, device)
    told = ends(t)

    def fails(pipe):
        pipe.change(2)
        pipe.event(pipe.at, 8, 6)

    racing(rig, fails)
    usbtask.run(rig.c.reset_endpoint(t.endpoint))
    assert t.submit() == 0
    rig.clock.sleep_ms(50)
    assert told == [(-125, 0, "Stall")] and t.status == 1, told
    model.send(0x81, b"\7")
    rig.clock.sleep_ms(20)
    assert came == [(-125, b""), (0, b"\7")]
    assert commands(rig)[-2:] == ["stop", "configure"]
    rig.close()


def test_a_transfer_cancelled_while_its_endpoint_is_stopped():
    rig = Rig({2: usb_devices.keyboard("super")})
    t, came = listen(rig, rig.device(2))
    told = ends(t)
    racing(rig, lambda pipe: t.cancel())
    usbtask.run(rig.c.reset_endpoint(t.endpoint))
    rig.clock.sleep_ms(50)
    assert [status for status, _ in came] == [-125] and len(told) == 1
    assert commands(rig)[-1] == "configure" and t.submit() == 0
    rig.model.ports[1].device.send(0x81, b"\7")
    rig.clock.sleep_ms(20)
    assert came[1] == (0, b"\7")
    rig.close()


def test_two_submissions_when_the_table_grows():
    table = Table()

    class Numbers(list):
        """A soft interrupt submits as the list is made longer."""

        def extend(self, more):
            if not inner:
                inner.append(None)
                inner[0] = table.put(Submitted())
            super().extend(more)

    inner = []
    table._transfers = Numbers()
    outer = Submitted()
    all = [table.put(outer)] + [table.put(Submitted()) for _ in range(200)]
    assert len(set(all + inner)) == 202 and table.take(all[0]) is outer
    assert table.take(inner[0]) is not None


class Events:
    """The driver's: a soft interrupt drains, too, just after the first that is taken from them."""

    def __init__(self, driver):
        self.driver = driver
        self.events = driver.events
        self.hit = False

    def next(self, record):
        there = self.events.next(record)
        if there and not self.hit:
            self.hit = True
            self.driver._drain(self)
        return there

    def stats(self):
        return self.events.stats()


def test_what_ended_before_a_death_is_told_beside_a_soft_interrupt():
    rig = Rig({2: usb_devices.keyboard("super")})
    device, model = rig.device(2), rig.model.ports[1].device
    transfers = [Transfer(device.endpoints[0x81], rig.alloc(8)) for _ in range(2)]
    for t in transfers:
        assert t.submit() == 0
    driver, events, line = rig.c, rig.c.events, rig.model.line
    callback, events.callback, rig.model.line = events.callback, None, None
    for data in (b"\1", b"\2"):
        model.send(0x81, data)
        rig.clock.sleep_ms(2)
    events.poll()
    assert events.stats()["queued"] == 2
    driver.events = Events(driver)
    driver._hba.reset()
    driver._abandon()
    assert [t.status for t in transfers] == [0, 0]
    driver.events, events.callback, rig.model.line = events, callback, line
    rig.close()
