"""What a transfer's callback may run(), with the drivers of both controllers: nothing hangs."""

import usbtask
import usbwait

from pair_rig import RIGS, Pair

AREA = "usb"
_LIMIT_US = 3000000

_WORKS = (
    lambda pair: pair.device.endpoints[0x81].clear_halt(),
    lambda pair: pair.interface.select(0),
    lambda pair: pair.rig.c.drain(pair.device.endpoints[0x81]),
)


class Calling(Pair):
    """The first callback of a transfer of 0x81 that fails runs work(self).

    ended: (status, errno or None) of it.
    """

    def calling(self, work):
        self.ended = []
        t = self.transfers[0x81]
        end = self.rig.clock.us + _LIMIT_US

        def watch():
            assert self.ended or self.rig.clock.us < end, "it hangs"

        def callback(t):
            if not self.ended and t.status < 0:
                number = None
                try:
                    usbtask.run(work(self))
                except OSError as why:
                    number = why.errno
                self.ended.append((t.status, number))

        t.callback = callback
        self.rig.clock.on_pass.append(watch)
        return t

    def works_after(self):
        self.model.halted.clear()
        usbtask.run(self.device.endpoints[0x81].clear_halt())
        self.came[0x81].append((-125, b""))
        self.listens_again()
        assert not self.rig.warned()
        self.rig.close()


def test_of_a_transfer_that_fails():
    for Rig in RIGS:
        for work in _WORKS:
            pair = Calling(Rig)
            pair.calling(work)
            pair.model.halted.add(0x81)
            pair.rig.clock.sleep_ms(100)
            assert pair.ended == [(-32, usbwait.EBUSY)]
            pair.works_after()


def test_of_a_transfer_that_is_cancelled():
    for Rig in RIGS:
        for work in _WORKS:
            pair = Calling(Rig)
            pair.calling(work).cancel()
            pair.rig.clock.sleep_ms(100)
            assert pair.ended == [(-125, usbwait.EBUSY)]
            pair.works_after()


def test_of_what_ends_for_something_else():
    """EHCI knows an endpoint no more by then that is configured anew."""
    for Rig in RIGS:
        for work in _WORKS:
            for other in _WORKS:
                pair = Calling(Rig)
                t = pair.calling(work)
                usbtask.run(other(pair))
                ((status, number),) = pair.ended
                assert status == -125 and number in (None, usbwait.EBUSY, usbwait.ENODEV)
                assert t.status == -125
                pair.works_after()


def test_requests_are_no_trouble():
    for Rig in RIGS:
        pair = Calling(Rig)
        pair.calling(lambda pair: pair.device.request(0x80, 8, 0, 0, 1))
        pair.model.halted.add(0x81)
        pair.rig.clock.sleep_ms(100)
        assert pair.ended == [(-32, None)]
        pair.works_after()


def test_started_it_is_done_afterwards():
    for Rig in RIGS:
        pair = Pair(Rig)
        t = pair.transfers[0x81]
        tasks = []
        t.callback = lambda t: tasks.append(usbtask.start(t.endpoint.clear_halt()))
        pair.model.halted.add(0x81)
        pair.rig.clock.sleep_ms(100)
        assert [task.status for task in tasks[:1]] == [0] and not pair.model.halted
        t.callback = None
        pair.came[0x81].append((-125, b""))
        pair.listens_again()
        pair.rig.close()
