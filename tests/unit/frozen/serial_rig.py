"""For tests of serial ports: scripted ones on a controller without registers."""

import usbserial
from usb_hcd import Rig

DATA = bytes([n * 7 & 255 for n in range(3000)])


def rig_of(*models):
    del usbserial._ports[:]  # of a test that failed
    rig = Rig({n + 1: model for n, model in enumerate(models)})
    usbserial.start()
    rig.settle()
    return rig


def done(rig):
    rig.close()
    assert usbserial.ports() == []


def fails(what, number, *args):
    try:
        what(*args)
    except OSError as why:
        assert why.errno == number, why
    else:
        raise AssertionError("did not fail")


def echoed(rig, port, data):
    """What comes back for it."""
    out = b""
    port.timeout = 20
    at = 0
    while len(out) < len(data):
        if at < len(data):
            at += port.write(data[at : at + 900])
        got = port.read()
        if not got:
            break
        out += got
    return out
