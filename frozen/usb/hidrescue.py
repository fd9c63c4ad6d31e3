"""Ways around controllers whose interrupt endpoints do not work (reference §6.8): all optional.

Nobody has seen a device need them since control transfers are right; usbhid.options turns them on.
"""

import klog
from micropython import const

import usbtask
from hidfield import INPUT
from usbendpoint import BULK
from usbwait import EPROTO, error

_POLL_MS = const(10)  # 100 Hz
_WATCH_MS = const(250)
_GRACE_MS = const(50)  # for the interrupt report of what GET_REPORT shows
_FAILURES_MAX = const(5)  # in a row
_LIMIT_MS = const(1000)  # of a request

_GET_REPORT = const(1)
_GET_PROTOCOL = const(3)
_GET_DESCRIPTOR = const(6)


def begin(hid, options):
    """Generator: what the options want before the first report."""
    if options["selftest"]:
        yield from selftest(hid)
    if options["poll"] == "on":
        start_poll(hid)
        return
    if hid.reader is None:
        return
    if options["bulk"] == "on":
        yield from as_bulk(hid)
    if options["poll"] == "auto":
        usbtask.start(watch(hid), hid.name)


def start(hid, options):
    """Interrupt transfers failed for good: do what the options allow."""
    usbtask.start(_rescue(hid, options), hid.name)


def is_echo(type, request, value, index, length, data):
    """Whether an answer is but the request itself (observed: Parallels, unconfigured devices)."""
    setup = bytes(
        (
            type,
            request,
            value & 255,
            value >> 8,
            index & 255,
            index >> 8,
            length & 255,
            length >> 8,
        )
    )
    return len(data) > 0 and bytes(data[:8]) == setup[: len(data)]


def selftest(hid):
    """Generator: three requests, one after the other; [(name, bytes or None, what it means)].

    Logged.  Meanings: "ok", "SETUP echo", or the error.
    """
    ids = hid.reports.ids(INPUT) or [0]
    size = hid.reports.size(INPUT, ids[0]) or 8
    index = hid.interface.number
    found = []
    for name, type, request, value, index, length in (
        ("GET_REPORT", 0xA1, _GET_REPORT, INPUT << 8 | ids[0], index, size),
        ("GET_PROTOCOL", 0xA1, _GET_PROTOCOL, 0, index, 1),
        ("GET_DESCRIPTOR", 0x80, _GET_DESCRIPTOR, 0x100, 0, 18),
    ):
        data = None
        try:
            data = yield from hid.device.request(type, request, value, index, length, _LIMIT_MS)
            said = "SETUP echo" if is_echo(type, request, value, index, length, data) else "ok"
        except OSError as why:
            said = str(why)
        found.append((name, data, said))
        shown = ""
        if data is not None:
            shown = ", %d bytes %s" % (len(data), " ".join(["%02x" % byte for byte in data[:16]]))
        hid.log(klog.INFO, "selftest: %s: %s%s" % (name, said, shown))
    return found


def as_bulk(hid):
    """Generator: the endpoint of the reports becomes a bulk endpoint, at the controller."""
    device, endpoint = hid.device, hid.reader.endpoint
    others = [e for e in device.served() if e is not endpoint]
    yield from device.hcd.configure(device, others)  # as it was, it must go first
    endpoint.kind = BULK
    yield from device.hcd.configure(device, device.served())
    hid.log(klog.WARN, "endpoint 0x%02x configured as bulk" % endpoint.address)


def start_poll(hid):
    """Ask for input reports 100 times a second from now on."""
    if not hid.polled and not hid.closed:
        hid.polled = True
        hid.log(klog.WARN, "polling with GET_REPORT, 100 Hz")
        usbtask.start(_poll(hid), hid.name)


def _ask(hid, id):
    """Generator: an input report; raises OSError for a SETUP echo, too."""
    value, index = INPUT << 8 | id, hid.interface.number
    size = hid.reports.size(INPUT, id)
    data = yield from hid.get_report(INPUT, id, size, _LIMIT_MS)
    if is_echo(0xA1, _GET_REPORT, value, index, size, data):
        raise error(EPROTO, "SETUP echo")
    return data


def _poll(hid):
    """Generator: the default pipe in place of the interrupt endpoint, until the device goes."""
    ids = hid.reports.ids(INPUT)
    report = memoryview(bytearray(hid.reports.largest(INPUT)))
    last = {}
    failures = 0
    while not hid.closed:
        yield _POLL_MS
        for id in ids:
            try:
                data = yield from _ask(hid, id)
                failures = 0
            except OSError as why:
                failures += 1
                if failures == _FAILURES_MAX or hid.closed:
                    hid.polled = False
                    hid.release()
                    if not hid.closed:
                        hid.log(klog.ERROR, "polling ends: %s" % why)
                    return
                continue
            if data and data != last.get(id) and not hid.closed:
                last[id] = data
                report[: len(data)] = data
                hid.take(report, len(data))


def watch(hid):
    """Generator: sees to it that something takes over when interrupt reports do not come.

    Compares what GET_REPORT gives until the first interrupt report: one that changes while none
    comes means that none will.
    """
    ids = hid.reports.ids(INPUT)
    first = {}
    while not hid.count and not hid.polled and not hid.closed:
        yield _WATCH_MS
        for id in ids:
            try:
                data = yield from _ask(hid, id)
            except OSError:
                return  # polling would not do either
            if data == first.setdefault(id, data):
                continue
            yield _GRACE_MS
            if not hid.count and not hid.closed:
                hid.log(klog.WARN, "reports change, but no interrupt transfer brings them")
                yield from hid.reader.stop()
                start_poll(hid)
            return


def _rescue(hid, options):
    """Generator: bulk first, then polling, where it gives more than an echo."""
    if options["bulk"] == "auto" and hid.reader.endpoint.kind != BULK:
        try:
            yield from as_bulk(hid)
            hid.reader.errors = 0
            hid.reader.start()
            return
        except OSError as why:
            hid.log(klog.WARN, "as bulk: %s" % why)
    if options["poll"] == "auto":
        try:
            for id in hid.reports.ids(INPUT):
                yield from _ask(hid, id)
        except OSError as why:
            hid.log(klog.ERROR, "no way to reports: %s" % why)
            return
        start_poll(hid)
