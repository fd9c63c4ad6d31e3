"""Data toggles at both ends, with the drivers of both controllers (USB 2.0 §8.6, §9.1.1.5).

The models know what a device has: a packet with another toggle, which would be lost, is an
AssertionError.
"""

import usbtask
from raising import raised

from pair_rig import RIGS, Pair

AREA = "usb"


def at_request(model, number, function):
    """Call function() once, when the device has done or refused that standard request."""
    real = model.control

    def control(setup, data=b""):
        try:
            return real(setup, data)
        finally:
            if setup[1] == number and not setup[0] & 0x60:
                model.control = real
                function()

    model.control = control


def test_a_setting_selected():
    for Rig in RIGS:
        for settings, alternate in ((1, 0), (2, 0), (2, 1)):
            pair = Pair(Rig, settings)
            usbtask.run(pair.interface.select(alternate))
            assert pair.interface.alternate == alternate
            pair.listens_again()
            pair.rig.close()


def test_a_setting_refused():
    """§9.4.10: with one setting it may be; the endpoints begin anew all the same."""
    for Rig in RIGS:
        for settings in (1, 2):
            pair = Pair(Rig, settings)
            pair.model.faults = {pair.model.count: "stall"}
            select = pair.interface.select(settings - 1)
            if settings == 1:
                usbtask.run(select)
            else:
                assert raised(OSError, usbtask.run, select).errno == 32
            assert pair.interface.alternate == 0
            pair.listens_again()
            pair.rig.close()


def test_a_setting_without_an_answer():
    """Whether the device has it nobody knows."""
    for Rig in RIGS:
        pair = Pair(Rig, 2)
        pair.model.faults = {pair.model.count: "silent"}
        assert raised(OSError, usbtask.run, pair.interface.select(1)).errno == 110
        assert pair.interface.alternate == 0
        pair.listens_again()
        pair.rig.close()


def test_a_halt_cleared():
    for Rig in RIGS:
        for halted in (False, True):
            pair = Pair(Rig)
            if halted:
                pair.model.halted.add(0x81)
                pair.rig.clock.sleep_ms(30)
                assert pair.came[0x81].pop() == (-32, b"")
                pair.came[0x81].append((-125, b""))
            usbtask.run(pair.device.endpoints[0x81].clear_halt())
            pair.listens_again()
            pair.rig.close()


def test_a_halt_that_is_not_cleared():
    """The device refuses: the endpoint goes on as it was."""
    for Rig in RIGS:
        pair = Pair(Rig)
        pair.model.faults = {pair.model.count: "stall"}
        endpoint = pair.device.endpoints[0x81]
        assert raised(OSError, usbtask.run, endpoint.clear_halt()).errno == 32
        if pair.came[0x81][-1][0] == -125:  # ended for it
            pair.listen(0x81)
        for address in (0x82, 0x81, 0x82, 0x81):
            pair.sends(address)
        pair.rig.close()


def test_a_report_in_between():
    """The device has begun anew and has a report; a driver has its transfer submitted always."""
    for Rig in RIGS:
        for number, refused, work in (
            (1, False, lambda pair: pair.device.endpoints[0x81].clear_halt()),
            (11, False, lambda pair: pair.interface.select(0)),
            (11, True, lambda pair: pair.interface.select(0)),
        ):
            pair = Pair(Rig)
            if refused:
                pair.model.faults = {pair.model.count: "stall"}
            t = pair.listen(0x81)
            ended = []

            def again(t):
                ended.append(t.status)
                if t.status != -19:
                    t.submit()

            t.callback = again
            at_request(pair.model, number, lambda: pair.model.send(0x81, b"\x55"))
            usbtask.run(work(pair))
            pair.rig.clock.sleep_ms(30)
            if t.status != 1:  # its endpoint is another now
                pair.listen(0x81)
                pair.rig.clock.sleep_ms(30)
                assert pair.came[0x81] == [(0, b"\x55")]
            else:
                assert ended[-1] == 0 and bytes(t.buffer)[0] == 0x55
            t.callback = None
            pair.rig.close()


def test_unplugged_meanwhile():
    """Whoever holds the endpoint waits for the default pipe, which ends first."""
    for Rig in RIGS:
        for work in (
            lambda pair: pair.device.endpoints[0x81].clear_halt(),
            lambda pair: pair.interface.select(0),
        ):
            pair = Pair(Rig)
            pair.model.faults = {pair.model.count: "vanish"}
            assert raised(OSError, usbtask.run, work(pair)).errno == 19
            pair.rig.settle()
            assert not pair.rig.bus.devices and pair.transfers[0x81].status < 0
            pair.rig.close()
