"""USB HID class driver: reports of interfaces, to keyboards, mice and whoever asks (HID 1.11).

Not done: reports to interrupt OUT endpoints (SET_REPORT carries them).
"""

import klog
from micropython import const

import hidboot
import hidleds
import hidreader
import hidreport
import keyboard
import mounts
import mouse
import usbcore
import usbdesc
import usbquirks
from _counters import counters
from hidfield import INPUT
from hidrequests import Requests
from usbendpoint import INTERRUPT

# What to do about devices and controllers that are not as they should be; read at each attach.
#   idle: SET_IDLE(0), reports on change only; protocol: "report", "boot" or None: SET_PROTOCOL for
#   interfaces that know both; dump: report descriptors to the log, as bytes and words; selftest:
#   three synchronous requests, logged; sentinels: count reports that DMA did not write; bulk:
#   configure interrupt endpoints as bulk; poll: ask for reports on the default pipe, 100 Hz.
#   Both are "off", "on", or "auto": when interrupt transfers bring nothing (hidrescue).
#   hires: have wheels tell of parts of a notch.
options = {
    "idle": True,
    "protocol": "report",
    "dump": False,
    "selftest": False,
    "sentinels": True,
    "hires": False,
    "bulk": "off",
    "poll": "off",
}
_RESCUE = ("off", "on", "auto")
_VALUES = {"bulk": _RESCUE, "poll": _RESCUE, "protocol": ("report", "boot", "")}

_CLASS = const(3)
_BOOT = const(1)  # bInterfaceSubClass
_REPORT_DESCRIPTOR = const(0x22)
_DESCRIPTOR_MAX = const(4096)
_TRIES = const(3)  # for the report descriptor


class Hid(Requests):
    """The driver of one interface: Interface.driver.

    descriptor: the report descriptor's bytes; reports: it parsed (hidfield.Reports); boot: the
    boot protocol is on, and reports is what that means.  on_report: function(report, n), called
    softly with each: a memoryview, good until it returns, and the bytes that came.  count: reports
    so far; polled: they come by GET_REPORT.  reader: of the interrupt endpoint, or None.
    """

    def __init__(self, device, interface):
        self.device = device
        self.interface = interface
        self.descriptor = b""
        self.reports = None
        self.boot = False
        self.on_report = None
        self.count = 0
        self.polled = False
        self.closed = False
        self.reader = None
        self._sinks = {}  # report id: keyboards and mice
        self._all = []
        self._failed = False

    @property
    def name(self):
        return "hid %s.%d" % (self.device.name, self.interface.number)

    def log(self, level, text):
        """A line that says whose it is."""
        self.device.bus.log(level, "%s: %s" % (self.name, text))

    # Taking it in

    def attach(self):
        """Generator: fetch what there is to know, and begin.  Raises OSError, ValueError."""
        known = hidboot.REPORTS.get(self.interface.protocol)
        if self.interface.subclass != _BOOT:
            known = None
        try:
            yield from self._describe()
        except (OSError, ValueError) as why:
            if self.device.gone or known is None:
                raise
            self.log(klog.WARN, "%s; trying the boot protocol" % why)
            self.boot = True
        if known and options["protocol"] == "boot":
            self.boot = True
        if self.boot:
            self.reports = hidreport.parse(known)
            yield from self.set_protocol(0)
        elif known and options["protocol"]:  # a boot loader may have left it in the other (§7.2.6)
            if usbquirks.report_protocol(self.device.descriptor.vendor):
                yield from self._try(self.set_protocol(1))
        if options["idle"]:
            yield from self._try(self.set_idle())
        self._bind()
        if options["hires"]:
            import hidwheel

            yield from hidwheel.refine(self, [s for s in self._all if isinstance(s, mouse.Mouse)])
        self.log(klog.INFO, self._summary())
        yield from self._begin()

    def _describe(self):
        lengths = [n for kind, n in usbdesc.hid_reports(self.interface) if kind == 0x22]
        if not lengths:
            raise ValueError("no report descriptor")
        if not 0 < lengths[0] <= _DESCRIPTOR_MAX:
            raise ValueError("report descriptor of %d bytes" % lengths[0])
        value, index = _REPORT_DESCRIPTOR << 8, self.interface.number
        for left in range(_TRIES - 1, -1, -1):
            try:
                self.descriptor = yield from self.device.request(0x81, 6, value, index, lengths[0])
                break
            except OSError:
                if self.device.gone or not left:
                    raise
        if options["dump"]:
            import hidtext

            for line in hidtext.dump(self.descriptor):
                self.log(klog.INFO, line)
        self.reports = hidreport.parse(self.descriptor)

    def _try(self, request):
        """A request that devices may refuse."""
        try:
            yield from request
        except OSError:
            if self.device.gone:
                raise

    def _bind(self):
        """Give the reports to whom they are for."""
        leds = hidleds.find(self.reports)
        show = hidleds.Leds(self, leds).show if leds else None
        for id, fields in keyboard.key_fields(self.reports).items():
            self._sink(id, keyboard.Keyboard(keyboard.keys(), fields, show))
            show = None
        for id, fields in mouse.pointer_fields(self.reports).items():
            self._sink(id, mouse.Mouse(mouse.pointer(), fields))

    def _sink(self, id, sink):
        self._sinks.setdefault(id, []).append(sink)
        self._all.append(sink)

    def _summary(self):
        text = " and ".join(sorted({type(sink).__name__.lower() for sink in self._all}))
        text = (text or "reports") + (", boot protocol" if self.boot else "")
        text += ", report descriptor of %d bytes" % len(self.descriptor)
        for id in self.reports.ids(INPUT):
            text += ", input %d of %d" % (id, self.reports.size(INPUT, id))
        return text

    def _begin(self):
        size = self.reports.largest(INPUT)
        endpoint = self.interface.endpoint(INTERRUPT, True)
        if endpoint is not None and size and options["poll"] != "on":
            self.reader = hidreader.Reader(
                endpoint,
                size,
                self.take,
                self._lost,
                self.log,
                options["sentinels"],
                usbquirks.reports_ahead(self.device.descriptor.vendor),
            )
        if options["selftest"] or options["bulk"] != "off" or options["poll"] != "off":
            import hidrescue

            yield from hidrescue.begin(self, options)
        if self.reader is not None:
            self.reader.start()

    def release(self):
        """Reports do not come any more: keys and buttons come up."""
        for sink in self._all:
            sink.release()

    def _lost(self, status):
        self.release()
        if options["bulk"] == "auto" or options["poll"] == "auto":
            import hidrescue

            hidrescue.start(self, options)

    # Reports

    def take(self, report, n):
        """A report came: n bytes of a buffer, which is filled with zeros where they are too few.

        Allocates nothing.
        """
        self.count += 1
        id = report[0] if self.reports.numbered else 0
        for i in range(n, min(self.reports.size(INPUT, id), len(report))):
            report[i] = 0
        try:
            sinks = self._sinks.get(id)
            if sinks is not None:
                for sink in sinks:
                    sink.report(report, n)
        except Exception as why:  # reports must go on; said once
            if not self._failed:
                self._failed = True
                self.log(klog.ERROR, "report: %s: %s" % (type(why).__name__, why))
        if self.on_report is not None:
            try:
                self.on_report(report, n)
            except Exception as why:
                self.on_report = None
                self.log(klog.WARN, "on_report: %s: %s" % (type(why).__name__, why))

    def detached(self):
        """The device has gone: its keys and buttons come up."""
        self.closed = True
        for sink in self._all:
            sink.detached()
        if self.reader is not None:
            self.reader.free()


def _match(device, interface):
    return interface.class_ == _CLASS


def attach(device, interface):
    """Generator: the Hid of an interface; for usbcore."""
    hid = Hid(device, interface)
    try:
        yield from hid.attach()
    except BaseException:
        hid.detached()
        raise
    return hid


def configure(text):
    """Set options as the command line has them, "dump,poll=auto"; gives the words unknown."""
    unknown = []
    for word in text.split(","):
        key, _, value = word.partition("=")
        if key not in options or value not in _VALUES.get(key, (value,)):
            unknown.append(word)
        elif options[key] is True or options[key] is False:
            options[key] = value not in ("0", "off")
        else:
            options[key] = value or None
    return [word for word in unknown if word]


def start(cmdline=""):
    """Take HID interfaces from now on, and those that are there.  Harmless twice."""
    words = mounts.options(cmdline)
    for word in configure(words.get("usbhid", "")):
        klog.log(klog.WARN, "usbhid: no option %s" % word)
    layout = words.get("keymap")
    if layout:
        try:
            keyboard.keys().layout = layout
        except ValueError as why:
            klog.log(klog.WARN, "keymap=%s: %s" % (layout, why))
    usbcore.unregister(attach)
    counters["usb_keys"] = lambda: keyboard.keys().count
    counters["usb_ds"] = lambda: hidreader.counts["stale"]
    counters["usb_dr"] = lambda: hidreader.counts["real"]
    usbcore.register(_match, attach)
