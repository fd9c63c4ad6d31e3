"""External hubs: full, high (with their transaction translators) and super speed.

USB 2.0 §11, USB 3.2 §10.
"""

import dma
import klog
from micropython import const

import usbport
import usbtask
import usbwait
from usbdesc import u16
from usbendpoint import INTERRUPT, Transfer
from usbports import Ports

_GET_STATUS = const(0)
_CLEAR_FEATURE = const(1)
_SET_FEATURE = const(3)
_GET_DESCRIPTOR = const(6)
_SET_DEPTH = const(12)  # USB 3.2 §10.16.2.9
_PORT_ENABLE = const(1)
_PORT_RESET = const(4)
_PORT_POWER = const(8)
_BH_PORT_RESET = const(28)
# Change features by the bit of usbport that they clear (USB 2.0 table 11-17, USB 3.2 10-9).
_FEATURES = ((16, 16), (17, 17), (19, 19), (20, 20), (21, 29), (22, 25), (23, 26))
_PORTS = const(31)  # as Linux
_RESET_MS = const(800)  # as Linux; USB 2.0 §7.1.7.5: 10 to 20
_LOOK_MS = const(10)
_ERRORS = const(3)
_MULTI_TT = const(2)  # bInterfaceProtocol


class Hub:
    """One hub, as Ports wants it; made by attach().  ports: how many."""

    def __init__(self, device, interface):
        self.device = device
        self.speed_class = 3 if device.speed.startswith("super") else 2
        self.ports = 0
        self.power_ms = 100
        self.on_change = None
        self._errors = 0
        self._own_errors = 0
        self._owning = False  # its own changes are being looked at, or are no more
        self._buffer = None
        self._interface = interface
        self._transfer = None

    def begin(self):
        """Generator: ask, tell the controller, watch.  Raises OSError, ValueError."""
        device = self.device
        if device.ports is not None:
            raise ValueError("a second hub interface")
        three = self.speed_class == 3
        kind = 0x2A00 if three else 0x2900
        d = yield from device.request(0xA0, _GET_DESCRIPTOR, kind, 0, 12 if three else 15)
        if len(d) < 7 or d[1] != kind >> 8 or not 0 < d[2] <= (15 if three else _PORTS):
            raise ValueError("hub descriptor: " + " ".join(["%02x" % b for b in d[:8]]))
        self.ports = d[2]
        features = u16(d, 3)
        self.power_ms = max(2 * d[5], 20)
        endpoint = self._interface.endpoint(INTERRUPT, True)
        if endpoint is None:
            raise ValueError("a hub without status endpoint")
        multi = False
        if device.speed == "high":
            for setting in self._interface.settings:
                if setting.protocol == _MULTI_TT:
                    multi = True
                    if self._interface.alternate != setting.alternate:
                        yield from self._interface.select(setting.alternate)
                        endpoint = self._interface.endpoint(INTERRUPT, True)
        yield from device.hcd.as_hub(device, self.ports, multi, features >> 5 & 3)
        if three:
            yield from device.request(0x20, _SET_DEPTH, device.depth)
        power = yield from device.request(0x80, _GET_STATUS, 0, 0, 2)
        limit = 0
        if not power[:1] or not power[0] & 1:  # no supply of its own
            limit = 150 if three else 100
        self._buffer = dma.alloc(min(endpoint.mps, 64), 64, "usb hub")
        self._bitmap = memoryview(self._buffer)
        self._transfer = Transfer(endpoint, self._buffer, self._report)
        device.ports = Ports(device.bus, self, device, limit)
        device.ports.start()
        self._submit()

    def detached(self):
        """The bus has it removed."""
        if self._buffer is not None:
            self._buffer.free()
            self._buffer = None

    def _submit(self):
        if self._transfer.submit():
            self._report(self._transfer)

    def _report(self, transfer):
        """The bitmap of ports with changes, bit 0 being the hub's own."""
        device = self.device
        if device.gone:
            return
        if transfer.status:
            if transfer.status != -usbwait.ECANCELED:  # another interface was configured
                self._errors += 1
            usbtask.start(self._mend(), device.name)
            return
        self._errors = 0
        mask = 0
        for n in range(transfer.actual):
            mask |= self._bitmap[n] << 8 * n
        if self.on_change is None:  # given up, or the bus is being closed
            return
        if mask & 1 and not self._owning:
            self._owning = True
            usbtask.start(self._own(), device.name)
        if mask > 1:
            self.on_change(self, mask & ~1)
        # Until a change is cleared it is reported again: at the pace of the endpoint, no faster.
        self._submit()

    def _mend(self):
        try:
            if self._errors > _ERRORS:
                raise usbwait.error(usbwait.EIO, "its status endpoint")
            yield 20 + 20 * self._errors
            yield from self._transfer.endpoint.clear_halt()
            self._submit()
        except OSError as why:
            yield from self._failed("no changes are seen any more", why)

    def _own(self):
        """The hub's own changes: its supply, over-current of all ports."""
        device = self.device
        try:
            for _ in range(_ERRORS):
                raw = yield from device.request(0xA0, _GET_STATUS, 0, 0, 4)
                status, changes = (u16(raw, 0), u16(raw, 2)) if len(raw) >= 4 else (0, 0)
                if not changes:
                    self._own_errors = 0
                    self._owning = False
                    return
                yield from self._own_changes(status, changes)
            raise usbwait.error(usbwait.EIO, "changes that stay")
        except OSError as why:
            self._own_errors += 1
            self._owning = self._own_errors >= _ERRORS
            yield from self._failed("its status", why)

    def _own_changes(self, status, changes):
        for bit, what in ((0, "local power lost"), (1, "over-current")):
            if changes >> bit & 1:
                yield from self.device.request(0x20, _CLEAR_FEATURE, bit)
                self._log(what + ("" if status >> bit & 1 else " is over"))
        if changes & 2 and not status & 2:
            for port in range(1, self.ports + 1):
                yield from self.power(port, True)
            yield self.power_ms

    def _failed(self, what, why):
        if not (yield from self.device.left()):
            self._log("%s: %s" % (what, usbwait.words(why)))

    def _log(self, text):
        if not self.device.gone:
            self.device.bus.log(klog.ERROR, "usb: %s: %s" % (self.device.name, text))

    def status(self, port):
        """Generator: usbport's bits."""
        raw = yield from self.device.request(0xA3, _GET_STATUS, 0, port, 4)
        if len(raw) < 4:
            raise usbwait.error(usbwait.EPROTO, "port status of %d bytes" % len(raw))
        status, changes = u16(raw, 0), u16(raw, 2)
        bits = status & 0x1B | (changes & 0x1B) << 16
        if self.speed_class == 3:
            bits |= (status >> 5 & 15) << usbport.LINK_SHIFT | (changes & 0xE0) << 16
            bits |= (status >> 9 & 1) * usbport.POWER | 4 << usbport.SPEED_SHIFT
        else:
            speed = 2 if status >> 9 & 1 else 3 if status >> 10 & 1 else 1
            bits |= status & usbport.POWER | speed << usbport.SPEED_SHIFT
        return bits

    def clear(self, port, changes):
        """Generator: those changes have been seen."""
        for bit, feature in _FEATURES:
            if changes >> bit & 1:
                yield from self.device.request(0x23, _CLEAR_FEATURE, feature, port)

    def power(self, port, on):
        """Generator: switch a port's power."""
        request = _SET_FEATURE if on else _CLEAR_FEATURE
        yield from self.device.request(0x23, request, _PORT_POWER, port)

    def disable(self, port):
        """Generator: what is plugged in hears nothing until it is reset.  USB 2 only."""
        yield from self.device.request(0x23, _CLEAR_FEATURE, _PORT_ENABLE, port)

    def reset(self, port, warm):
        """Generator: reset what is plugged in; the status then.  Raises OSError(ETIMEDOUT)."""
        feature = _BH_PORT_RESET if warm else _PORT_RESET
        yield from self.device.request(0x23, _SET_FEATURE, feature, port)
        for n in range(_RESET_MS // _LOOK_MS):
            yield _LOOK_MS
            status = yield from self.status(port)
            if not status & usbport.CONNECTED:
                return status
            done = status & (usbport.C_RESET | usbport.C_WARM_RESET)
            if done and not status & usbport.RESET:
                return status
        raise usbwait.error(usbwait.ETIMEDOUT, "reset of port %d" % port)


def attach(device, interface):
    """Generator: a class driver's factory, for usbcore."""
    hub = Hub(device, interface)
    try:
        yield from hub.begin()
    except BaseException:
        hub.detached()
        raise
    return hub
