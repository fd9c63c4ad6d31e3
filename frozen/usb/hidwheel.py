"""Wheels finer than their notches: the Resolution Multiplier (HID Usage Tables §4.3.1)."""

import klog
from micropython import const

from hidfield import FEATURE

_MULTIPLIER = const(0x10048)
_MOST = const(120)


def find(reports):
    """(field, element, counts of a notch) of the wheel's multiplier; None without one."""
    found = reports.find(_MULTIPLIER, FEATURE)
    if not found or not found[0].variable:
        return None
    counts = int(found[0].physical(found[0].logical_max))
    return (found[0], found[1], counts) if 2 <= counts <= _MOST else None


def refine(hid, mice):
    """Generator: have the mice of a usbhid.Hid count as finely as they can, if they will."""
    found = find(hid.reports)
    if not found or not mice:
        return
    field, element, counts = found
    size = hid.reports.size(FEATURE, field.id)
    try:
        # What else the report holds stays as it is.
        data = bytearray((yield from hid.get_report(FEATURE, field.id)))
        if len(data) != size or field.id and data[0] != field.id:
            raise OSError(71, "feature report of %d bytes" % len(data))
        field.set(data, field.logical_max, element)
        yield from hid.set_report(FEATURE, field.id, data)
    except OSError as why:
        if hid.device.gone:
            raise
        hid.log(klog.WARN, "wheel: %s" % why)
        return
    for mouse in mice:
        mouse.counts = counts
    hid.log(klog.INFO, "wheel: %d counts a notch" % counts)
