"""The ports of one hub, a root hub or any other: what is plugged in, out, and in trouble.

Each port has at most one task; ports go on side by side.
"""

import klog
from micropython import const

import usbenable
import usbport
import usbtask
import usbwait
from usbdevice import Device
from usbport import CONNECTED, ENABLED, OVERCURRENT, POWER

_TRIES = const(3)  # as USB 2.0 §9.2.6 leaves open; Linux: 4
_ADDRESS_MS = const(2)  # §9.2.6.3
_FAILURES = const(8)  # of a hub's requests in a row
_TROUBLES = const(4)  # of a port in a row
_DEPTH = const(5)  # hubs in a row, §4.1.1


class Ports:
    """hub: what the controller driver gives for a root hub, or a usbhub.Hub.  device: that hub's.

    children: {port: Device}.  tasks: ports where something goes on.  power_ma: of each port.
    """

    def __init__(self, bus, hub, device=None, power_ma=0):
        self.bus = bus
        self.hub = hub
        self.device = device
        self.super = hub.speed_class == 3
        self.power_ma = power_ma or (900 if self.super else 500)
        self.children = {}
        self.tasks = {}
        self.stopped = False
        self._refused = set()  # ports whose device is not tried again
        self._again = set()  # ports where something happened that their task has not seen
        self._looking = set()  # ports whose device is being asked after
        self._troubles = {}  # {port: what went wrong since something was right there}
        self._failures = 0

    def name(self, port):
        """Where a port is, for logs."""
        if self.device is None:
            return "%d-%d" % (self.bus.number(self.hub), port)
        return "%s.%d" % (self.device.name, port)

    def start(self):
        """Power the ports, look at each; from here on changes are seen."""
        self.hub.on_change = self.changed
        self.tasks[0] = None
        usbtask.start(self._begin(), "hub %s" % self.name(0))

    def _begin(self):
        try:
            off = False
            for port in range(1, self.hub.ports + 1):
                status = yield from self.status(port)
                if not status & POWER:
                    off = True
                    yield from self.do(self.hub.power, port, True)
            if off:
                yield self.hub.power_ms
            for port in range(1, self.hub.ports + 1):
                self._change(port)
        except OSError as why:
            yield from self._failed(0, why)
        finally:
            del self.tasks[0]
            self.bus.ended()

    def changed(self, hub, mask):
        """Something happened at the ports of that mask, bit 1 being port 1.  Softly."""
        for port in range(1, self.hub.ports + 1):
            if mask >> port & 1:
                self._change(port)

    def _change(self, port):
        if self.stopped or self._troubles.get(port, 0) >= _TROUBLES:
            return
        mine = []
        if self.tasks.setdefault(port, mine) is mine:  # in one go: soft interrupts come here, too
            usbtask.start(self._serve(port), self.name(port))
            return
        self._again.add(port)
        child = self.children.get(port)
        if child is not None and not child.gone:
            if self.device is None:
                child.seen(self.hub.status(port))
            elif port not in self._looking:  # else a later report has it looked at again
                self._looking.add(port)
                usbtask.start(self._look(port, child), self.name(port))

    def _look(self, port, child):
        try:
            yield from child.left()
        finally:
            self._looking.discard(port)

    def _trouble(self, port):
        """Where it goes on and on, nobody looks any more until the hub has gone."""
        n = self._troubles[port] = self._troubles.get(port, 0) + 1
        if n == _TROUBLES:
            self._again.discard(port)
            self.bus.log(klog.ERROR, "usb: %s: given up" % self.name(port))

    def status(self, port):
        """Generator: usbport's bits."""
        if self.device is None:
            return self.hub.status(port)
        return (yield from self.hub.status(port))

    def do(self, what, *args):
        """Generator: one of the hub's methods that wait only where it is no root hub."""
        if self.device is None:
            what(*args)
        else:
            yield from what(*args)

    def _serve(self, port):
        try:
            while True:
                self._again.discard(port)
                yield from self._once(port)
                if self.stopped or port not in self._again:
                    break
            self._failures = 0
        except OSError as why:
            yield from self._failed(port, why)
        except KeyboardInterrupt:  # in whatever this interrupted: once more, from the start
            self._again.add(port)
            raise
        finally:
            del self.tasks[port]
            if port in self._again:
                self._change(port)
            self.bus.ended()

    def _failed(self, port, why):
        """Generator: a hub that does not answer for its ports is not asked for ever."""
        if self.stopped or self.device is not None and (yield from self.device.left()):
            return
        self.bus.log(klog.ERROR, "usb: %s: %s" % (self.name(port), usbwait.words(why)))
        self._failures += 1
        if self._failures == _FAILURES:
            self.hub.on_change = None
            self.bus.log(klog.ERROR, "usb: %s: its hub is given up" % self.name(port))

    def _once(self, port):
        status = yield from self.status(port)
        changes = status & usbport.CHANGES
        if changes:  # before anything else: Parallels' endpoints may depend on it
            yield from self.do(self.hub.clear, port, changes)
            if self.device is None or not status & CONNECTED:
                # What came between is of no new event or report (xHCI 1.2 §4.19.2): look again.
                status = yield from self.status(port)
                if status & usbport.CHANGES & ~changes:
                    self._again.add(port)
        if changes & usbport.C_OVERCURRENT or status & OVERCURRENT:
            yield from self._overcurrent(port, status)
            return
        child = self.children.get(port)
        if child is not None:
            replaced = changes & usbport.C_CONNECTED or not status & ENABLED
            half = not child.known  # cut short by Ctrl-C
            if half or child.gone or replaced or not status & CONNECTED:
                yield from self._drop(port)
        if not status & CONNECTED or changes & usbport.C_CONNECTED:
            self._refused.discard(port)
        if not status & CONNECTED:
            self._troubles.pop(port, None)
        if status & CONNECTED and port not in self.children and port not in self._refused:
            yield from self._connect(port)

    def _drop(self, port):
        yield from self.bus.remove(self.children[port])
        self.children.pop(port, None)

    def _overcurrent(self, port, status):
        if port in self.children:
            yield from self._drop(port)
        over = not status & OVERCURRENT
        text = "usb: %s: over-current%s" % (self.name(port), " is over" if over else "")
        self.bus.log(klog.WARN if over else klog.ERROR, text)
        if over:
            yield from self.do(self.hub.power, port, True)  # it went off (USB 2.0 §11.12.5)
            yield self.hub.power_ms
            self._again.add(port)
        self._trouble(port)

    def _connect(self, port):
        """Take in what is plugged in: so many tries, each but the first with a reset."""
        if self.device is not None and self.device.depth >= _DEPTH:
            self._refuse(port, "behind too many hubs")
            return
        why = None
        for attempt in range(_TRIES):
            try:
                yield from self._try(port, attempt)
                self._troubles.pop(port, None)
                return
            except Exception as failed:  # also no memory
                why = failed
            child = self.children.get(port)
            who = child or self.device
            gone = who is not None and (yield from who.left())
            if child is not None:
                if child.address:
                    yield from usbenable.disable(self, port)
                yield from self._drop(port)
            if self.stopped or gone or getattr(why, "errno", 0) == usbwait.ENODEV:
                self.bus.log(klog.INFO, "usb: %s: gone before it was known" % self.name(port))
                return
            self.bus.log(klog.WARN, "usb: %s: %s" % (self.name(port), usbwait.words(why)))
        self._refuse(port, usbwait.words(why))

    def _refuse(self, port, why):
        self._refused.add(port)
        self.bus.log(klog.ERROR, "usb: %s: refused: %s" % (self.name(port), why))
        self._trouble(port)

    def _try(self, port, attempt):
        """One attempt.  Raises OSError, ValueError."""
        if not self.super:
            yield from usbenable.debounce(self, port)
        lock = None if self.super else self._turn(port)
        if lock is not None:
            yield from lock.take()
        try:
            status = yield from usbenable.enable(self, port, attempt)
            speed = usbport.speed(status)
            if self.super and self.device is not None:
                speed = self.device.speed
            device = Device(self.bus, self.hub, port, speed or "full", self.device)
            self.children[port] = device
            yield from self.bus.hcd.attach(device)
        except Exception:
            yield from usbenable.disable(self, port)
            raise
        finally:
            if lock is not None:
                lock.give()
        yield _ADDRESS_MS
        yield from self.bus.take_in(device, self.power_ma)

    def _turn(self, port):
        """The lock of those that a device without an address would answer for."""
        hub = self.device
        return self.bus.turn((hub.root, hub.root_port) if hub else (self.hub, port))

    def stop(self):
        """Generator: the hub goes: so does all that is plugged into it."""
        self.stopped = True
        self.hub.on_change = None
        for child in self.children.values():
            child.vanish()
        while self.tasks:
            yield 1
        for port in list(self.children):
            yield from self._drop(port)
