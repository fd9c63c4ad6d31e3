"""USB serial ports: CDC-ACM, and chips of FTDI, Silicon Labs, WCH and Prolific, as streams.

start() registers the driver, ports() gives what is there.
"""

import usbcdc
import usbchips
import usbcore
from usbendpoint import BULK
from usbline import Port

_ports = []  # every Port that is plugged in


def start(cmdline=""):
    """Register the driver, once."""
    usbcore.unregister(attach)
    usbcore.register(_match, attach)


def stop():
    """Take no further devices."""
    usbcore.unregister(attach)


def ports():
    """[Port, …] that are plugged in."""
    return list(_ports)


def _match(device, interface):
    if usbcdc.matches(interface):
        return True
    return usbchips.find(device) is not None and interface.endpoint(BULK, True) is not None


def attach(device, interface):
    """Generator: usbcore's factory.  Raises OSError, ValueError."""
    make = usbchips.find(device)
    if make is None:
        make = usbcdc.Acm
    chip = make(device, interface)
    data = chip.data
    if data is not interface and (data.driver is not None or data.claimed):
        raise ValueError("interface %d has a driver" % data.number)
    yield from chip.begin()
    reader, writer = data.endpoint(BULK, True), data.endpoint(BULK, False)
    if reader is None or writer is None:
        raise ValueError("%s without bulk endpoints" % chip.name)
    # From here on nothing waits: two that come together get two names.
    data.claimed = data is not interface
    taken = [port.name for port in _ports]
    n = 0
    while "us%d" % n in taken:
        n += 1
    port = Port("us%d" % n, device, chip, reader, writer, _ports.remove)
    _ports.append(port)
    device.bus.log(6, "usbserial: %s is %r" % (device.name, port))
    return port
