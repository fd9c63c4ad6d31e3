"""Lights of a keyboard: one SET_REPORT at a time, the newest state wins (HID 1.11 §7.2.2)."""

import klog

import usbtask
from hidfield import OUTPUT

_FIRST = 0x80001  # HID Usage Tables §11: Num Lock, Caps Lock, Scroll Lock


def find(reports):
    """[(bit of keyboard.Keys.locks, field, element)] of one output report; empty without any."""
    found = []
    for bit in range(3):
        led = reports.find(_FIRST + bit, OUTPUT)
        # Lights in an array, which nobody has seen, stay dark.
        if led and led[0].variable and (not found or led[0].id == found[0][1].id):
            found.append((bit, led[0], led[1]))
    return found


class Leds:
    """leds: what find() gave for a usbhid.Hid."""

    def __init__(self, hid, leds):
        self._hid = hid
        self._leds = leds
        self._wanted = None
        self._busy = False

    def show(self, locks):
        """Returns at once."""
        self._wanted = locks
        if not self._busy:
            self._busy = True
            usbtask.start(self._send(), self._hid.name)

    def _send(self):
        hid, shown = self._hid, None
        id = self._leds[0][1].id
        data = bytearray(hid.reports.size(OUTPUT, id))
        if id:
            data[0] = id
        try:
            while shown != self._wanted and not hid.closed:
                shown = self._wanted
                for bit, field, element in self._leds:
                    field.set(data, shown >> bit & 1, element)
                yield from hid.set_report(OUTPUT, id, data)
        except OSError as why:
            if not hid.device.gone:
                hid.log(klog.WARN, "LEDs: %s" % why)
        finally:
            self._busy = False
