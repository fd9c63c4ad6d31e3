"""A keyboard without USB: reports in, events and typed text out."""

import hid_descriptors as known
import hidreport
import keyboard
from machine import Timer


class Rig:
    """A keyboard with this descriptor, what it told and typed."""

    def __init__(self, descriptor=known.QEMU_KEYBOARD, layout="us", id=0):
        self._typed = []
        self.told = []
        self.leds = []
        self.timer = Timer()
        self.keys = keyboard.Keys(self._typed.append, self.timer)
        self.keys.layout = layout
        self.keys.listen(lambda *event: self.told.append(event))
        self.keyboard = self.plug(descriptor, id)

    def plug(self, descriptor, id=0):
        fields = keyboard.key_fields(hidreport.parse(descriptor))
        return keyboard.Keyboard(self.keys, fields[id], self.leds.append)

    def boot(self, modifiers, *usages):
        self.keyboard.report(bytes([modifiers, 0]) + bytes(usages) + bytes(6 - len(usages)), 8)

    @property
    def typed(self):
        return bytes(self._typed)

    def press(self, usage, modifiers=0):
        """Down and up; what was typed."""
        del self._typed[:]
        self.boot(modifiers, usage)
        self.boot(0)
        return self.typed.decode()

    def events(self):
        told = self.told[:]
        del self.told[:]
        return told
