"""USB mice and tablets: reports become a pointer's place, buttons and wheel (HID 1.11).

Not done: several fingers.
"""

from micropython import const

from hidevents import Hub
from hidfield import CONSTANT, INPUT, RELATIVE, extract

LEFT = 1
RIGHT = 2
MIDDLE = 4

_X = const(0x10030)  # HID Usage Tables §4, §16
_Y = const(0x10031)
_WHEEL = const(0x10038)
_PAN = const(0xC0238)
_TIP = const(0xD0042)
_BUTTONS = const(9)  # page
_POINTERS = (0x10001, 0x10002, 0xD0001, 0xD0002, 0xD0004)  # applications: not a gamepad's
_BUTTONS_MAX = const(16)
_SIDE = const(32768)  # places until somebody says how large the screen is


class _Axis:
    def __init__(self, field, element):
        self.bit = field.bit + element * field.size
        self.size = field.size
        self.low, self.high = field.logical_min, field.logical_max
        self.span = max(1, self.high - self.low + 1)
        self.relative = bool(field.flags & RELATIVE)
        self.sign = 1 << field.size - 1 if self.low < 0 else 1 << field.size

    def get(self, report):
        value = extract(report, self.bit, self.size)
        return value - 2 * self.sign if value >= self.sign else value

    def place(self, report, size):
        """0 to size - 1; -1 where the device does not say (HID 1.11 §5.10)."""
        value = self.get(report)
        return (value - self.low) * size // self.span if self.low <= value <= self.high else -1


def _axis(fields, usage):
    for field in fields:
        if field.variable:
            element = field.index(usage)
            if element >= 0:
                return _Axis(field, element)
    return None


class Mouse:
    """What points in one input report.  fields: of that report; pointer: the Pointer it moves.

    counts: of the wheel for a notch.
    """

    def __init__(self, pointer, fields):
        self.buttons = 0
        self.counts = 1
        self._part = 0  # counts that are no notch yet
        self.pointer = pointer
        self._x = _axis(fields, _X)
        self._y = _axis(fields, _Y)
        self._wheel = _axis(fields, _WHEEL)
        self._pan = _axis(fields, _PAN)
        self._keys = []  # (bit, how many, number of the first)
        tip = _axis(fields, _TIP)
        if tip:
            self._keys.append((tip.bit, 1, 0))
        for field in fields:
            if field.variable and field.size == 1:
                self._add(field)
        pointer.add(self)

    def _add(self, field):
        """Buttons, as runs of numbers that follow each other."""
        n = 0
        while n < field.count and n < _BUTTONS_MAX:
            usage = field.usage(n)
            number, count = (usage & 0xFFFF) - 1, 1
            if number < 0:  # usage 0 is no button
                n += 1
                continue
            while n + count < field.count and field.usage(n + count) == usage + count:
                count += 1
                if number + count == _BUTTONS_MAX:
                    break
            if usage >> 16 == _BUTTONS and number < _BUTTONS_MAX:
                self._keys.append((field.bit + n, count, number))
            n += count

    def report(self, report, n):
        """Take a report: an event, if it says something.  Allocates nothing."""
        pointer = self.pointer
        buttons = 0
        for bit, count, number in self._keys:
            buttons |= extract(report, bit, count) << number
        self.buttons = buttons
        dx = dy = 0
        axis = self._x
        if axis:
            if axis.relative:
                dx = axis.get(report)
            else:
                place = axis.place(report, pointer.width)
                dx = place - pointer.x if place >= 0 else 0
        axis = self._y
        if axis:
            if axis.relative:
                dy = axis.get(report)
            else:
                place = axis.place(report, pointer.height)
                dy = place - pointer.y if place >= 0 else 0
        wheel = self._wheel.get(report) if self._wheel else 0
        pan = self._pan.get(report) if self._pan else 0
        pointer.fine = 120 * wheel // self.counts
        if self.counts > 1:
            wheel = self._notches(wheel)
        pointer.change(dx, dy, wheel, pan)

    def _notches(self, counts):
        if counts * self._part < 0:  # the other way: begin anew
            self._part = 0
        self._part += counts
        notches = abs(self._part) // self.counts
        if self._part < 0:
            notches = -notches
        self._part -= notches * self.counts
        return notches

    def release(self):
        """Nobody knows any more: its buttons come up."""
        self.buttons = self.pointer.fine = 0
        self.pointer.change(0, 0, 0, 0)

    def detached(self):
        """It is gone."""
        self.release()
        self.pointer.remove(self)


def pointer_fields(reports):
    """{report id: its fields}, of the reports that move a pointer, press its buttons or scroll."""
    found = {}
    for field in reports.fields:
        if field.kind == INPUT and not field.flags & CONSTANT and field.size <= 32:
            if field.application in _POINTERS:
                found.setdefault(field.id, []).append(field)
    for id in list(found):
        if not any([_axis(found[id], usage) for usage in (_X, _Y, _WHEEL)]):
            del found[id]
    return found


class Event:
    """x, y, buttons: as they are now; wheel: steps, away from the user above 0."""

    def __init__(self, x, y, buttons, wheel):
        self.x = x
        self.y = y
        self.buttons = buttons
        self.wheel = wheel

    def __repr__(self):
        return "<pointer %d,%d 0x%x %d>" % (self.x, self.y, self.buttons, self.wheel)


class Pointer(Hub):
    """Where all mice together point.  listen(): function(x, y, buttons, wheel).

    x, y: place, from 0 at the top left, below width and height; buttons: bits LEFT, RIGHT, MIDDLE,
    further ones; dx, dy, wheel, pan: of the last event, wheel away from the user and pan to the
    right above 0.  dx and dy also tell of a relative mouse that pushes at an edge.  fine: 120 for
    a notch of the wheel, less for its parts where a mouse tells of them (usbhid's option hires).
    """

    event = Event

    def __init__(self):
        super().__init__()
        self.width = self.height = _SIDE
        self.x = self.y = 0
        self.dx = self.dy = self.wheel = self.pan = self.fine = 0
        self.buttons = 0
        self._mice = []

    def screen(self, width, height):
        """So many places; x and y go to where they are on it.  Raises ValueError."""
        if not (0 < width <= 65536 and 0 < height <= 65536):
            raise ValueError("1 to 65536 places")
        self.x, self.y = self.x * width // self.width, self.y * height // self.height
        self.width, self.height = width, height

    def add(self, mouse):
        """A Mouse that moves it from now on."""
        self._mice.append(mouse)

    def remove(self, mouse):
        """Harmless twice."""
        if mouse in self._mice:
            self._mice.remove(mouse)

    def change(self, dx, dy, wheel, pan):
        """A report's movement; buttons are asked for."""
        buttons = 0
        for mouse in self._mice:
            buttons |= mouse.buttons
        still = not dx and not dy and not wheel and not pan and not self.fine
        if still and buttons == self.buttons:
            return
        self.x = max(0, min(self.width - 1, self.x + dx))
        self.y = max(0, min(self.height - 1, self.y + dy))
        self.dx, self.dy = dx, dy
        self.wheel, self.pan = wheel, pan
        self.buttons = buttons
        self.tell(self.x, self.y, buttons, wheel)


_pointer = []


def pointer():
    """The machine's Pointer; made at the first call."""
    if not _pointer:
        _pointer.append(Pointer())
    return _pointer[0]
