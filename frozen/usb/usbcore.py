"""USB buses: devices that come, are taken in, get their drivers, and go.

One Bus per controller.  Class drivers register themselves once for all buses.
"""

import klog

import usbenum
import usbtask
import usbwait
from usbports import Ports

_HUB = 9  # bInterfaceClass

_drivers = []  # (match, factory) of register()
_capture = None  # the hook of capture()
_numbers = []  # the root hubs of all buses; None: a number free again


def register(match, factory):
    """Let a class driver have what it wants, also of the devices that are there already.

    match(device, interface) says whether.  factory(device, interface) is a generator that gives
    the driver, or None when it is not one for it after all; the device is configured by then.
    driver.detached(), if it has one, is called softly when the device has gone.
    """
    _drivers.append((match, factory))
    for bus in buses():
        for device in list(bus.devices):  # some may go meanwhile
            usbtask.start(bind(device), device.name)


def unregister(factory):
    """Undo register(); drivers that it has made stay with their devices."""
    _drivers[:] = [pair for pair in _drivers if pair[1] is not factory]


def capture(hook):
    """Call hook(event, transfer) for every transfer, also of buses to come; None: no more.

    event: 83 'S' at its beginning, 67 'C' at its end, 69 'E' when it could not begin.
    """
    global _capture
    _capture = hook
    for bus in buses():
        bus.hcd.capture = hook


def buses():
    """Every Bus there is."""
    return [hcd.bus for hcd in usbtask.loop().polled]


def bind(device):
    """Generator: offer the device's interfaces to the drivers registered."""
    yield from device.binding.take()
    try:
        for interface in device.interfaces:
            if interface.class_ == _HUB and interface.driver is None:
                import usbhub

                yield from _offer(device, interface, usbhub.attach, None)
            for match, factory in list(_drivers):
                if interface.driver is not None or interface.claimed or device.gone:
                    break
                yield from _offer(device, interface, factory, match)
    finally:
        device.binding.give()


def _offer(device, interface, factory, match):
    try:
        if match is None or match(device, interface):
            interface.driver = yield from factory(device, interface)
    except Exception as why:  # whatever a driver typed at the prompt has for mistakes
        if not (yield from device.left()):
            text = "usb: %s: %r: %s" % (device.name, interface, usbwait.words(why))
            device.bus.log(klog.ERROR, text)


class Bus:
    """A controller with its root hubs.  devices: all that are on it, hubs before what they have.

    hcd: the controller driver.  The root hubs are looked at at once; what is there is taken in
    from soft interrupts, or by settle().  on_attach(device, there): called when a device has come
    or gone.
    """

    def __init__(self, hcd, log=klog.log):
        self.hcd = hcd
        self.log = log
        self.devices = []
        self.on_attach = None
        self.ports = []
        self._turns = {}
        self._places = {}  # root hub: index in _numbers
        self._quiet = []  # Waits of settle()
        hcd.bus = self
        hcd.capture = _capture
        usbtask.loop().polled.append(hcd)
        for hub in sorted(hcd.roothubs, key=lambda hub: hub.speed_class):
            if None not in _numbers:
                _numbers.append(None)
            self._places[hub] = _numbers.index(None)
            _numbers[self._places[hub]] = hub
            self.ports.append(Ports(self, hub))
        for ports in self.ports:
            ports.start()

    def __repr__(self):
        return "<usb.Bus %s, %d devices>" % (self.hcd.name, len(self.devices))

    def number(self, hub):
        """The bus number of a root hub, as Linux counts them."""
        return self._places[hub] + 1

    def turn(self, root):
        """The Lock that a device without an address needs, at that (root hub, port)."""
        if self.hcd.shared_address0:
            root = None
        if root not in self._turns:
            self._turns[root] = usbwait.Lock()
        return self._turns[root]

    def settle(self, least_ms=0, most_ms=60000):
        """Generator: until every device that is plugged in has been taken in or refused.

        Gives whether that was so within most_ms.
        """
        yield least_ms
        quiet = usbwait.Wait()
        try:
            while self.busy():
                quiet.status = usbwait.PENDING
                quiet.limit_ms = most_ms
                self._quiet.append(quiet)
                yield quiet
        except OSError:
            return False
        finally:
            if quiet in self._quiet:
                self._quiet.remove(quiet)
        return True

    def ended(self):
        """A port's task has; by Ports."""
        if self._quiet and not self.busy():
            for quiet in self._quiet:
                quiet.finish(0)
            self._quiet.clear()

    def busy(self):
        """Whether something goes on at any port."""
        for ports in self.ports:
            if ports.tasks:
                return True
        for device in self.devices:
            if device.ports is not None and device.ports.tasks:
                return True
        return False

    def take_in(self, device, power_ma):
        """Generator: ask, configure, bind.  Raises OSError, ValueError: it is refused then."""
        yield from usbenum.take_in(self, device, power_ma)
        self.devices.append(device)
        yield from bind(device)
        try:
            yield from usbenum.names(device)
        except OSError:  # gone: the port's task sees it
            pass
        self.log(klog.INFO, "usb: %s" % device)
        self._call(device, self.on_attach, device, True)
        device.known = True

    def _call(self, device, function, *args):
        """Tell a driver or listener; its mistakes are not the bus's."""
        if function is not None:
            try:
                function(*args)
            except Exception as why:
                self.log(klog.ERROR, "usb: %s: %s" % (device.name, usbwait.words(why)))

    def remove(self, device):
        """Generator: the device has gone, and with it all behind it."""
        device.vanish()
        if device.ports is not None:
            yield from device.ports.stop()
        yield from self.hcd.detach(device)
        try:
            yield from device.binding.take()
        except OSError:
            pass  # a driver's factory does not end: its transfers have
        for interface in device.interfaces:
            driver, interface.driver = interface.driver, None
            self._call(device, getattr(driver, "detached", None))
        device.release()
        if device in self.devices:
            self.devices.remove(device)
            self.log(klog.INFO, "usb: %s: %s unplugged" % (device.name, device.id))
            self._call(device, self.on_attach, device, False)

    def close(self):
        """Generator: let go of every device and of the controller."""
        for ports in self.ports:
            yield from ports.stop()
        self.hcd.deinit()
        polled = usbtask.loop().polled
        if self.hcd in polled:
            polled.remove(self.hcd)
        for at in self._places.values():
            _numbers[at] = None
