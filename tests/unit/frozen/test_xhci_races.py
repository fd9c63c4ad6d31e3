"""The xHCI driver when a soft interrupt, or another event, comes in the middle of a mend."""

import usb_devices
import xhci_pipes
from usbendpoint import Transfer

from xhci_rig import Rig, listen

AREA = "usb"


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

    pipe.cancelled, pipe.mending = Nothing(), True
    for _ in mender._mend(pipe):
        raise AssertionError("nothing was to be mended")
    pipe.cancelled = []
    rig.clock.sleep_ms(100)
    assert late.status == -32 and t.status == -125 and not pipe.mending
    rig.close()
