"""How what is plugged into a port is brought to where it can be asked, and to silence.

ports: the usbports.Ports that it is one of.
"""

from micropython import const

import usbport
import usbwait
from usbport import CONNECTED, ENABLED

_STABLE_MS = const(100)  # TATTDB, USB 2.0 §7.1.7.3
_UNSTABLE = const(15)  # so often, and the plug is left alone
_RECOVERY_MS = const(10)  # TRSTRCY, §7.1.7.5
_TRAIN_MS = const(20)
_TRAINING = const(20)  # looks at a SuperSpeed link before it is reset: 400 ms, as Linux


def debounce(ports, port):
    """Generator: until the plug rests.  Raises OSError."""
    for n in range(_UNSTABLE):
        yield _STABLE_MS
        status = yield from ports.status(port)
        if not status & CONNECTED:
            raise usbwait.error(usbwait.ENODEV)
        if not status & usbport.C_CONNECTED:
            return
        yield from ports.do(ports.hub.clear, port, usbport.C_CONNECTED)
    raise usbwait.error(usbwait.EIO, "the plug does not come to rest")


def enable(ports, port, attempt):
    """Generator: the status of the port, enabled.  Raises OSError."""
    hub = ports.hub
    status = yield from ports.status(port)
    warm = False
    if ports.super:
        # A link trains by itself; what is enabled is left alone (observed: Parallels).
        n = 0
        while attempt == 0 and n < _TRAINING and usbport.trains(status):
            n += 1
            yield _TRAIN_MS
            status = yield from ports.status(port)
        warm = n > 0 or attempt > 1 or usbport.stuck(status)
    if not status & CONNECTED:
        raise usbwait.error(usbwait.ENODEV)
    ready = status & ENABLED and attempt == 0 and (ports.super or ports.device is None)
    if not ready:
        status = yield from hub.reset(port, warm)
        if not status & CONNECTED:
            raise usbwait.error(usbwait.ENODEV)
        if not status & ENABLED:
            raise usbwait.error(usbwait.EIO, "not enabled: " + usbport.text(status))
        if not ports.super:
            yield _RECOVERY_MS
    changes = status & usbport.CHANGES & ~usbport.C_CONNECTED
    if changes:
        yield from ports.do(hub.clear, port, changes)
    return status


def disable(ports, port):
    """Generator: who has no address, or whose will be another's, must not answer in its place."""
    try:
        if not ports.super:
            yield from ports.do(ports.hub.disable, port)
    except OSError:
        pass  # the hub's own trouble
