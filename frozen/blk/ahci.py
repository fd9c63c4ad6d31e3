"""AHCI controllers and the disks and CD drives on them (AHCI 1.3.1).

probe() attaches all there are.  Not done: port multipliers (reported), enclosure LEDs, link power
management, command completion coalescing.
"""

import klog

import ahci_find
from ahci_controller import Controller, Names

_attached = None  # what probe() found, until release()


def probe(fallback=None, **options):
    """Attach every controller, the first time; the list of Controllers.

    What does not start is logged and left out.  fallback: as ahci_find.places().  options: reset
    and irq as of Controller.
    """
    global _attached
    if _attached is None:
        names = Names()
        found = []
        try:
            for place in ahci_find.places(fallback):
                try:
                    found.append(Controller(place, names=names, **options))
                except OSError as why:
                    klog.log(klog.ERROR, "ahci: %s: %s" % (place.name, why))
            _attached = found
        finally:
            if _attached is None:  # Ctrl-C: not half of them for good
                for controller in found:
                    controller.deinit()
    return _attached


def release():
    """Detach every controller that probe() attached; the next probe() looks again."""
    global _attached
    for controller in _attached or ():
        controller.deinit()
    _attached = None


def disks():
    """The disks of all controllers, attached first where need be."""
    return [disk for controller in probe() for disk in controller.disks]
