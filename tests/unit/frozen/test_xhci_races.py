"""The xHCI driver when a soft interrupt, or another event, comes in the middle of a mend."""

import xhci_pipes

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
