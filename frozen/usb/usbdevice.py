"""A USB device and its interfaces, and the requests that every device understands."""

import dma
from micropython import const

import usbtask
import usbwait
from usbendpoint import BULK, CONTROL, ISOCHRONOUS, KINDS, Endpoint, Transfer
from usbport import C_CONNECTED, CONNECTED

_BUFFER = const(512)  # what most requests fit into
_MPS0 = {"low": 8, "full": 64, "high": 64, "super": 512, "super+": 512}  # full: 8 to 64


class Interface:
    """One interface of the active configuration, in its current alternate setting.

    settings: usbdesc.Setting for each alternate.  association: usbdesc.Association or None.
    number, alternate, class_, subclass, protocol, name_index; endpoints: list of Endpoint; extra:
    class-specific descriptors, raw.  driver: what a class driver's factory gave, or None.
    """

    def __init__(self, device, settings, association=None):
        self.device = device
        self.settings = settings
        self.association = association
        self.driver = None
        self.claimed = False  # by a driver of another interface: of an association, say
        self.number = settings[0].number
        self._take(settings[0], self._made(settings[0]))

    def _take(self, setting, endpoints):
        self._setting = setting
        self.endpoints = endpoints
        self.alternate = setting.alternate
        self.class_ = setting.class_
        self.subclass = setting.subclass
        self.protocol = setting.protocol
        self.name_index = setting.name_index
        self.extra = setting.extra

    def _made(self, setting):
        out = []
        for described in setting.endpoints:
            kind = KINDS[described.attributes & 3]
            e = Endpoint(self.device, described.address, kind, described.mps & 0x7FF)
            e.interval = described.interval
            e.mult = described.mps >> 11 & 3
            e.attributes = described.attributes
            e.extra = described.extra
            companion = described.companion
            if companion is not None:  # USB 3.2 §9.6.7
                e.burst = min(companion[2], 15)
                if kind == BULK:
                    e.max_streams = companion[3] & 31
                else:
                    e.mult = companion[3] & 3
                e.bytes_per_interval = companion[4] | companion[5] << 8
            out.append(e)
        return out

    def endpoint(self, kind, is_in):
        """The first Endpoint of that kind and direction, or None."""
        for e in self.endpoints:
            if e.kind == kind and e.is_in == is_in:
                return e
        return None

    def select(self, alternate):
        """Generator: switch to an alternate setting, also to the one that it has.

        Its endpoints are others then and begin anew on both sides (USB 2.0 §9.1.1.5).
        Raises OSError: all is as before; EINVAL: there is none.
        """
        for setting in self.settings:
            if setting.alternate == alternate:
                break
        else:
            raise usbwait.error(usbwait.EINVAL, "alternate setting %d" % alternate)
        device, before, endpoints = self.device, self._setting, self.endpoints
        try:
            yield from self._use(setting, self._made(setting), self._switch(alternate))
        except OSError:
            if not device.gone:
                yield from self._use(before, endpoints, self._cleared(endpoints))
            raise

    def _switch(self, alternate):
        try:
            yield from self.device.request(1, 11, alternate, self.number)
        except OSError as why:
            if why.errno != usbwait.EPIPE or len(self.settings) > 1:
                raise
            yield from self._cleared(self.endpoints)  # with one setting it may refuse (§9.4.10)

    def _cleared(self, endpoints):
        for e in endpoints:
            if e.kind != ISOCHRONOUS:
                yield from self.device.request(2, 1, 0, e.address)

    def _use(self, setting, endpoints, then):
        known = self.device.endpoints
        for e in self.endpoints:
            known.pop(e.address, None)
        self._take(setting, endpoints)
        known.update([(e.address, e) for e in endpoints])
        yield from self.device.hcd.configure(self.device, self.device.served(), then)

    def __repr__(self):
        return "<usb.Interface %d.%d class %02x/%02x/%02x>" % (
            self.number,
            self.alternate,
            self.class_,
            self.subclass,
            self.protocol,
        )


class Device:
    """A device on a bus.  What it says of itself is None or empty until it was asked.

    hcd: the controller driver.  parent: the hub's Device, None at the root.  hub, port: where it
    is plugged in.  root, root_port: the same for the first hub on the way.  route: xHCI's route
    string.  depth: hubs between.  tt: (hub's Device, port) that translates for it, or None.
    speed: as usbport.SPEEDS.  address.  descriptor: usbdesc.DeviceDescriptor.  configs: list of
    usbdesc.Configuration; config: the active one.  interfaces.  endpoints: {address: Endpoint} in
    use.  strings: {index: str}.  bos: bytes.  gone: unplugged.  hcd_data: the controller driver's.
    """

    def __init__(self, bus, hub, port, speed, parent=None):
        self.bus = bus
        self.hcd = bus.hcd
        self.hub = hub
        self.port = port
        self.speed = speed
        self.parent = parent
        self.address = 0
        self.gone = False
        self.known = False  # taken in to the end
        self.descriptor = self.config = self.bos = self.language = self.tt = None
        self.configs = []
        self.interfaces = []
        self.endpoints = {}
        self.strings = {}
        self.ports = None  # usbports.Ports of a hub
        self.binding = usbwait.Lock()
        self.quirks = 0
        self.hcd_data = None
        if parent is None:
            self.root, self.root_port, self.route, self.depth = hub, port, 0, 0
        else:
            self.root, self.root_port = parent.root, parent.root_port
            self.depth = parent.depth + 1
            self.route = parent.route | min(port, 15) << 4 * parent.depth  # USB 3.2 §8.9
            slow = speed == "low" or speed == "full"
            if slow:
                self.tt = (parent, port) if parent.speed == "high" else parent.tt
        self.ep0 = Endpoint(self, 0, CONTROL, _MPS0[speed])
        self._control = Transfer(self.ep0)
        self._buffer = None
        self._lock = usbwait.Lock()

    @property
    def name(self):
        """Its place: bus and ports on the way, as Linux names them, "1-2.4"."""
        ports = [str(self.root_port)]
        for n in range(self.depth):
            ports.append(str(self.route >> 4 * n & 15))
        return "%d-%s" % (self.bus.number(self.root), ".".join(ports))

    @property
    def id(self):
        """'203a:fffb', or '' as long as nobody knows."""
        d = self.descriptor
        return "" if d is None else "%04x:%04x" % (d.vendor, d.product)

    def __str__(self):
        text = "%s: %s %s" % (self.name, self.id or "?", self.speed)
        d = self.descriptor
        for index in (d.manufacturer, d.product_name) if d else ():
            if self.strings.get(index):
                text += " " + self.strings[index]
        return text

    def __repr__(self):
        return "<usb.Device %s>" % self

    def request(self, type, request, value=0, index=0, data=0, limit_ms=5000):
        """Generator: one control request.  data: how much to read, or what to write.

        Gives bytes, as many as came, or how many went.  Raises OSError: EPIPE refused, ETIMEDOUT,
        EOVERFLOW, EPROTO, ENODEV.  The default pipe works again after it.
        """
        yield from self._lock.take()
        try:
            return (yield from self._request(type, request, value, index, data, limit_ms))
        finally:
            self._lock.give()

    def _request(self, type, request, value, index, data, limit_ms):
        if self.gone:
            raise usbwait.error(usbwait.ENODEV, self.name)
        t = self._control
        length = data if isinstance(data, int) else len(data)
        if self._buffer is None:
            self._buffer = dma.alloc(_BUFFER, 64, "usb")
        buffer = self._buffer if length <= _BUFFER else dma.alloc(length, 64, "usb")
        try:
            view = memoryview(buffer)[:length]
            if not isinstance(data, int):
                view[:] = data
            t.buffer = buffer if length else None
            t.length = length
            t.limit_ms = limit_ms
            setup = t.setup
            setup[0] = type
            setup[1] = request
            setup[2] = value & 255
            setup[3] = value >> 8
            setup[4] = index & 255
            setup[5] = index >> 8
            setup[6] = length & 255
            setup[7] = length >> 8
            t.submit()
            actual = yield t
            return bytes(view[:actual]) if type & 128 else actual
        except BaseException as why:
            yield from usbwait.settle(why, t)
            raise
        finally:
            if usbwait.wild(t):
                self._control = Transfer(self.ep0)
                if buffer is self._buffer:
                    self._buffer = None
            elif buffer is not self._buffer:
                buffer.free()

    def control(self, type, request, value=0, index=0, data=0, limit_ms=5000):
        """request(), to its end here."""
        return usbtask.run(self.request(type, request, value, index, data, limit_ms), self.name)

    def served(self):
        """The endpoints that the controller is to know: all but the isochronous ones."""
        return [e for e in self.endpoints.values() if e.kind != ISOCHRONOUS]

    def seen(self, status):
        """Its port is like that, usbport's bits; whether it is unplugged."""
        if not status & CONNECTED or status & C_CONNECTED:
            self.vanish()
        return self.gone

    def left(self):
        """Generator: whether it is unplugged; its port is asked, whose hub tells of it late."""
        if self.gone:
            return True
        status = self.hub.status(self.port)
        if self.parent is not None:
            try:
                status = yield from status
            except OSError:
                if (yield from self.parent.left()):
                    self.vanish()
                return self.gone
        return self.seen(status)

    def vanish(self):
        """It is gone, and all behind it: nothing waits for its answers any more."""
        if not self.gone:
            self.gone = True
            usbtask.loop().cut()
            if self.ports is not None:
                for child in self.ports.children.values():
                    child.vanish()

    def release(self):
        """Give memory back.  By the bus, once the controller has let go of the device."""
        if self._buffer is not None:
            self._buffer.free()
            self._buffer = None
