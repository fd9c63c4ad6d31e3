"""Endpoints and transfers: what class drivers hand to a host controller driver.

A Transfer is made once and used again and again; submitting it and its end allocate nothing.
"""

import klog
from micropython import const

import usbwait
from usbwait import PENDING, Wait

CONTROL = "control"
ISOCHRONOUS = "isochronous"
BULK = "bulk"
INTERRUPT = "interrupt"
KINDS = (CONTROL, ISOCHRONOUS, BULK, INTERRUPT)
_LIMIT_MS = const(5000)  # USB 2.0 §9.2.6.1: no request takes longer


class Endpoint:
    """One endpoint, as its descriptors say (USB 2.0 §9.6.6, USB 3.2 §9.6.7).

    address: with the direction in bit 7; 0 is the default pipe.  kind: KINDS.  interval: bInterval
    as it stands.  mps: bytes of a packet.  mult: further packets per microframe (high speed).
    burst, attributes, bytes_per_interval: of the SuperSpeed companion.  hcd_data: the controller
    driver's own.
    """

    def __init__(self, device, address, kind, mps, interval=0):
        self.device = device
        self.address = address
        self.kind = kind
        self.mps = mps
        self.interval = interval
        self.mult = 0
        self.burst = 0
        self.attributes = 0
        self.bytes_per_interval = 0
        self.max_streams = 0
        self.extra = ()  # class-specific descriptors behind it
        self.hcd_data = None

    @property
    def number(self):
        return self.address & 15

    @property
    def is_in(self):
        return self.address > 127

    @property
    def dci(self):
        """xHCI's number: 1 for the default pipe, else twice the number, one more for IN."""
        return 2 * (self.address & 15) + (self.address >> 7 or not self.address & 15)

    @property
    def interval_us(self):
        """How often the device wants to be asked; 0 where that has no meaning."""
        if self.kind != INTERRUPT and self.kind != ISOCHRONOUS:
            return 0
        n = max(1, self.interval)
        slow = self.device.speed == "low" or self.device.speed == "full"
        if slow and self.kind == INTERRUPT:
            return 1000 * n
        return (1000 if slow else 125) << min(n, 16) - 1

    def clear_halt(self):
        """Generator: end a stall; device and controller begin anew, what is under way ends."""
        device = self.device
        yield from device.hcd.reset_endpoint(self, device.request(2, 1, 0, self.address))

    def __repr__(self):
        way = "" if self.kind == CONTROL else " in" if self.is_in else " out"
        return "<usb.Endpoint 0x%02x %s%s %d>" % (self.address, self.kind, way, self.mps)


class Transfer(Wait):
    """Bytes to or from an endpoint.  buffer: dma.Buffer, or None for no data.

    callback(transfer) is called softly at its end.  offset, length: which part of the buffer.
    setup: the 8 bytes of a control request, whose direction is its own.  status: 1 under way, 0
    done (a short one too), -errno.  actual: bytes moved.  code: the controller's name of how it
    ended.  limit_ms: for who waits; None for endpoints that may stay silent for ever.
    hcd_data: the controller driver's own.
    """

    def __init__(self, endpoint, buffer=None, callback=None):
        self.status = 0
        self.waiter = None
        self.endpoint = endpoint
        self.buffer = buffer
        self.callback = callback
        self.offset = 0
        self.length = 0 if buffer is None else len(memoryview(buffer))
        self.setup = bytearray(8) if endpoint.kind == CONTROL else None
        self.actual = 0
        self.code = ""
        self.limit_ms = None if endpoint.kind == INTERRUPT else _LIMIT_MS
        self.hcd_data = None

    @property
    def is_in(self):
        """Whether data comes from the device."""
        return (self.setup[0] if self.setup is not None else self.endpoint.address) > 127

    @property
    def lost(self):
        """Whether its device has gone."""
        return self.endpoint.device.gone

    def submit(self):
        """Hand it to the controller.  0, or -errno: then it has not begun."""
        if self.status == PENDING:
            return -usbwait.EBUSY
        device = self.endpoint.device
        if device.gone:
            self.status = -usbwait.ENODEV
            return self.status
        self.actual = 0
        self.code = ""
        if self.endpoint.kind == ISOCHRONOUS:  # no controller was told of it
            self.status = -usbwait.EINVAL
            return self.status
        self.status = PENDING
        hcd = device.hcd
        if hcd.capture is not None:
            hcd.capture(83, self)  # 'S', before its end can be
        status = hcd.submit(self)
        if status:
            self.status = status
            if hcd.capture is not None:
                hcd.capture(69, self)
        return status

    def cancel(self):
        """End it with -ECANCELED, unless it ends by itself before.  It ends later, softly."""
        if self.status == PENDING:
            self.endpoint.device.hcd.cancel(self)

    def finish(self, status, actual=0, code=""):
        """By the controller driver, softly: it has ended."""
        device = self.endpoint.device
        if status < 0 and device.gone:
            status = -usbwait.ENODEV
        self.actual = actual
        self.code = code
        self.status = status
        if device.hcd.capture is not None:
            device.hcd.capture(67, self)
        waiter = self.waiter
        if waiter is not None:
            self.waiter = None
            waiter.wake()
        if self.callback is not None:
            try:
                self.callback(self)
            except Exception as why:  # a driver's; the controller has more to tell
                text = "usb: %s: %s" % (device.name, usbwait.words(why))
                device.bus.log(klog.ERROR, text)
