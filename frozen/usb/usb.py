"""USB at the prompt: controllers, devices, what they say, and captures of what they are told.

probe() attaches all controllers there are; start() does so at boot.
"""

import boot
import irq
import klog

import mounts
import usbcore
import usbtask
import usbwait
import xhci_find
from usbwait import EINTR

_CONTROLLERS = ("xhci", "ehci")  # modules with Controller, and NAME_find with places()
_LEFT = "no devices known there, left alone: usb.probe(ehci=True) takes it"
_CLASSES = ("usbhid", "usbmsc", "usbserial")  # with start(cmdline), which registers a driver

_attached = None  # the Buses of probe(), until release()
_listeners = []
_started = []  # of _CLASSES
_changing = False  # probe() or release() is under way
_timer = None  # of start(), while a controller is left alone yet


def probe(settle=True, ehci=False, **options):
    """Attach every controller that is not yet; the list of usbcore.Bus.

    settle: return once every device that is plugged in has been taken in or refused; not inside of
    a listener or a driver, for which that waits.  ehci: also EHCI controllers that are left alone
    unless asked for (usbquirks).  options: of the Controllers.  What does not start is logged and
    left out.
    """
    global _attached, _changing
    if (_attached is None or ehci) and not _changing:
        before = _attached
        found = list(before or ())
        _changing = True
        _attached = found  # what is there so far, for listeners
        try:
            for name in _CLASSES:
                if name not in _started:
                    __import__(name).start(boot.cmdline())
                    _started.append(name)
            for kind in _CONTROLLERS:
                _attach(kind, ehci, options, found)
        except BaseException:  # Ctrl-C
            _close(found, len(before or ()))
            _attached = before
            raise
        finally:
            _changing = False
    if settle and usbwait.stepping is None:
        for bus in list(_attached):
            usbtask.run(bus.settle(), "settle")
    return _attached


def start(cmdline):
    """At boot: probe() unless the command line has `usb=off`; devices are in soon after.

    A controller that must be left alone for a while is attached when that has passed.
    """
    global _timer
    words = mounts.options(cmdline)
    if words.get("usb") == "off":
        return
    try:
        _timer = None
        left_ms = max([place.left_ms() for place in xhci_find.places()] or [0])
        if left_ms > 0:
            from machine import Timer

            _timer = Timer(-1)
            _timer.init(mode=Timer.ONE_SHOT, period=left_ms, callback=_later)
        else:
            probe(settle=False)
    except Exception as why:  # whatever it is, there is to be a prompt
        klog.log(klog.ERROR, "usb: %s: %s" % (type(why).__name__, why))


def _later(timer):
    if timer is _timer and not _changing:  # else released, or there already
        start("")


def _attach(kind, ehci, options, found):
    find = __import__(kind + "_find").places
    names = [bus.hcd.name for bus in found]
    for place in find(True) if kind == "ehci" else find():
        if place.name in names:
            continue
        if kind == "ehci" and place.left and not ehci:
            klog.log(klog.INFO, "usb: ehci %s: %s" % (place.name, _LEFT))
            continue
        # Held: between two lines of these a controller is at work that nobody knows of.
        if irq.Held(_begin)(kind, place, options, found) == -EINTR:
            raise KeyboardInterrupt


def _begin(kind, place, options, found):
    hcd = None
    try:
        hcd = __import__(kind).Controller(place, **options)
        bus = usbcore.Bus(hcd)
        bus.on_attach = _tell
        found.append(bus)
    except BaseException as why:  # also Ctrl-C, when it takes long
        bus = getattr(hcd, "bus", None)
        if bus is not None:
            usbtask.run(bus.close(), "close")
        elif hcd is not None:
            hcd.deinit()
        if not isinstance(why, Exception):
            raise
        klog.log(klog.ERROR, "usb: %s %s: %s" % (kind, place.name, usbwait.words(why)))


def _close(buses, left=0):
    """All but the first `left`; what Ctrl-C keeps from being closed stays in."""
    while len(buses) > left:
        try:
            usbtask.run(buses[-1].close(), "close")
        finally:
            if buses[-1] not in usbcore.buses():
                buses.pop()


def release():
    """Let go of every device and controller; the next probe() looks again."""
    global _attached, _changing, _timer
    _timer = None
    if _changing or _attached is None:
        return
    _changing = True
    try:
        _close(_attached)
    finally:
        _attached = _attached or None
        _changing = False


def devices():
    """All devices, of all controllers, attached first where need be."""
    return [device for bus in probe() for device in list(bus.devices)]


def find(vendor=None, product=None, class_=None):
    """The devices with those ids, or with an interface of that class."""
    found = []
    for device in devices():
        d = device.descriptor
        classes = [d.class_] + [i.class_ for i in device.interfaces]
        if vendor in (None, d.vendor) and product in (None, d.product):
            if class_ is None or class_ in classes:
                found.append(device)
    return found


def on_attach(listener):
    """Call listener(device, there), softly, when a device has come or gone; gives the undoing."""
    _listeners.append(listener)
    return lambda: listener in _listeners and _listeners.remove(listener)


def _tell(device, there):
    for listener in list(_listeners):
        try:
            listener(device, there)
        except Exception as why:
            klog.log(klog.ERROR, "usb: listener: %s: %s" % (type(why).__name__, why))


def events():
    """What on_attach() tells, for asyncio: usbevents.Events."""
    import usbevents

    return usbevents.Events(on_attach)


def lsusb(device=None, verbose=True):
    """Print what devices say of themselves, as `lsusb -v` does, or a line for each."""
    import lsusb as printer

    printer.show(devices() if device is None else [device], verbose)


def capture(size=1 << 20, snap=4096):
    """Record every transfer from now on: a usbcap.Capture, with stop() and save(path).

    Before the first probe(): enumeration, too.
    """
    import usbcap

    return usbcap.Capture(size, snap).start()
