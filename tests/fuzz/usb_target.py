"""Damaged USB descriptors, to the parsers and through enumeration; on both Pythons.

    usb_target.py CORPUS SEED CASES

CORPUS: files named KIND-NAME, of kinds device, configuration, report.  Each case damages one.  A
parser may raise ValueError and nothing else.  Every fourth case is a whole device with that
descriptor, plugged in and out: it may be taken in or refused, and nothing may be left of it.
No case may take longer than caseloop.LIMIT_MS.  A configuration of which a part was left out
counts as refused.
"""

import random

import caseloop
import usb_devices
import usbdesc
from tables_target import damage
from usb_hcd import Rig

_WHOLE = 4


def device(data):
    for speed in ("low", "full", "high", "super"):
        usbdesc.packet_size(data[:8], speed)
    usbdesc.DeviceDescriptor(data)


def configuration(data):
    c = usbdesc.Configuration(data)
    assert len(c.interfaces) <= 32 and len(c.notes) <= 8
    for settings in c.interfaces:
        for setting in settings:
            seen = [e.address for e in setting.endpoints]
            assert len(set(seen)) == len(seen) <= 30
            usbdesc.hid_reports(setting)
            for e in setting.endpoints:
                assert e.address & 15 and e.attributes & 3
    return c.notes


def string(data):
    usbdesc.language(data)
    usbdesc.text(data)


def bos(data):
    usbdesc.capabilities(data)


def report(data):
    import hidreport

    hidreport.parse(data)
    return None


PARSERS = {
    "device": device,
    "configuration": configuration,
    "report": report,
    "string": string,
    "bos": bos,
}


def whole(kind, data):
    """A device that says that, from the plug to the end."""
    model = usb_devices.keyboard(random.choice(("full", "high", "super")))
    if kind == "device":
        model.descriptor = data
    elif kind == "configuration":
        model.configs = [data]
    elif kind == "report":
        model.reports = {0: data}
    elif kind == "bos":
        model.bos = data
    rig = Rig(None, {1: model}) if model.speed == "super" else Rig({1: model})
    rig.settle()
    assert rig.bus.devices or "refused" in rig.texts(4)[-1], rig.log
    rig.close()


def case(n, kind, data):
    """Whether it was refused."""
    if n % _WHOLE == 0:
        whole(kind, data)
    return PARSERS[kind](data)


if __name__ == "__main__":
    caseloop.run(lambda kind, data: bytes(damage(data)), case)
