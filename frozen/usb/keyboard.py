"""USB keyboards: reports become key events, characters, and typing at the prompt (HID 1.11)."""

from array import array

from micropython import const

from hidevents import Hub
from hidfield import CONSTANT, INPUT, extract
from keylayouts import Layout
from keytext import Text, terminal

UP = 0
DOWN = 1
REPEAT = 2
TEXT = 3  # a character without its key: the accent of a dead key whose letter did not fit

NUM_LOCK = 1
CAPS_LOCK = 2
SCROLL_LOCK = 4

_PAGE = const(7)  # HID Usage Tables §10
_KEYS_MAX = const(1024)  # of a report: it must not take for ever
_ERRORS = const(3)  # usages 1 to 3: too many keys, self-test failed, undefined
_FIRST_MODIFIER = const(0xE0)
_USAGES = const(256)
_WORDS = const(8)  # of a bitmap of them
_MODIFIERS = const(7)  # the word that has them
_ALTGR = const(0x40)
_LOCKS = b"\x53\x39\x47"  # usages, by bits of `locks`


class _Part:
    """Keys in one field of a report; sets their bits in 8 words of 32 usages."""

    def __init__(self, field):
        self.bit = field.bit
        self.size = field.size
        self.count = field.count
        self.low, self.high = field.logical_min, field.logical_max
        first, last = field.ranges[0]
        row = first >> 16 == _PAGE and len(field.ranges) == 1
        aligned = not self.bit & 7
        # The usual forms: a bit a key, in whole bytes, usages in one row; an array of bytes.
        inside = (first & 0xFF) + self.count <= 256 and last - first >= self.count - 1
        self.whole = row and inside and aligned and self.size == 1 and not first & 7
        self.first = first & 0xFF
        self.bytes = aligned and self.size == 8
        n = self.count if field.variable else max(0, min(self.high - self.low + 1, _USAGES))
        found = [usage & 0xFF if usage >> 8 == _PAGE << 8 else 0 for usage in field.usages(n)]
        self.usages = bytes(found)  # of elements, or of an array's values

    def bits(self, report, keys):
        """Each key that a variable field says is down."""
        count = self.count
        if self.whole:
            at, usage = self.bit >> 3, self.first
            while count > 0:
                byte = report[at]
                if count < 8:
                    byte &= (1 << count) - 1
                keys[usage >> 5] |= byte << (usage & 31)
                at += 1
                usage += 8
                count -= 8
            return
        size, bit, usages = self.size, self.bit, self.usages
        for n in range(count):
            if extract(report, bit, size):
                usage = usages[n]
                keys[usage >> 5] |= 1 << (usage & 31)
            bit += size

    def array(self, report, keys):
        """The same for an array.  False when the keyboard says that it cannot tell."""
        size, bit = self.size, self.bit  # more at once would be a tuple
        low, high = self.low, self.high
        whole, usages = self.bytes, self.usages
        for _ in range(self.count):
            value = report[bit >> 3] if whole else extract(report, bit, size)
            bit += size
            if low <= value <= high:
                value -= low
                usage = usages[value] if value < len(usages) else 0
                if 1 <= usage <= _ERRORS:
                    return False
                keys[usage >> 5] |= 1 << (usage & 31)
        return True


class Keyboard:
    """The keys of one input report.  fields: those with keys; keys: the Keys they go to.

    set_leds: function(locks), or None.  Raises ValueError: more keys than a report may have.
    """

    def __init__(self, keys, fields, set_leds=None):
        count = sum([field.count for field in fields])
        if count > _KEYS_MAX:
            raise ValueError("a report of %d keys" % count)
        self.down = array("I", bytes(4 * _WORDS))  # a bit a usage
        self.set_leds = set_leds
        self.keys = keys
        self._next = array("I", bytes(4 * _WORDS))
        self._variables = [_Part(field) for field in fields if field.variable]
        self._arrays = [_Part(field) for field in fields if not field.variable]
        keys.add(self)

    def report(self, report, n):
        """Take a report: events for what changed.  Allocates nothing."""
        new, old = self._next, self.down
        for i in range(_WORDS):
            new[i] = 0
        for part in self._variables:
            part.bits(report, new)
        for part in self._arrays:
            if not part.array(report, new):
                for i in range(_MODIFIERS):  # they alone are right then (§8.3, appendix C)
                    new[i] = old[i]
                break
        new[0] &= ~0xF  # no keys
        # Modifiers first: a letter in the same report comes with them.
        for i in range(_MODIFIERS, -1, -1):
            if new[i] != old[i]:
                self._changes(i, new[i])

    def _changes(self, i, new):
        changed = new ^ self.down[i]
        self.down[i] = new
        usage = i << 5
        while changed:
            if changed & 1:
                self.keys.change(self, usage, new & 1)
            changed >>= 1
            new >>= 1
            usage += 1

    def release(self):
        """Nobody knows any more: its keys come up."""
        for i in range(_MODIFIERS, -1, -1):
            if self.down[i]:
                self._changes(i, 0)

    def detached(self):
        """It is gone."""
        self.release()
        self.keys.remove(self)


def key_fields(reports):
    """{report id: its fields with keys}."""
    found = {}
    for field in reports.fields:
        if field.kind == INPUT and not field.flags & CONSTANT and field.size <= 32:
            if any([first >> 16 == _PAGE for first, _ in field.ranges]):
                found.setdefault(field.id, []).append(field)
    return found


class Event:
    """usage: of the key, HID page 7; action: DOWN, REPEAT, UP, TEXT; modifiers; char: or 0."""

    def __init__(self, usage, action, modifiers, char):
        self.usage = usage
        self.action = action
        self.modifiers = modifiers
        self.char = char

    @property
    def text(self):
        """The character, or ""."""
        return chr(self.char) if self.char else ""

    def __repr__(self):
        action = ("up", "down", "repeat", "text")[self.action]
        return "<key 0x%02x %s 0x%02x %r>" % (self.usage, action, self.modifiers, self.text)


class Keys(Hub):
    """The keys of all keyboards together.  listen(): function(usage, action, modifiers, char).

    repl: whether they type at the prompt.  layout: a name, what is printed on them.  repeat_ms:
    when a key that is held repeats, (delay, period), or None.  modifiers: bits of LCtrl, LShift,
    LAlt, LGui, RCtrl, RShift, RAlt, RGui.  locks: bits NUM_LOCK, CAPS_LOCK, SCROLL_LOCK.

    put: takes a byte for the prompt.  timer: as machine.Timer(-1).
    """

    event = Event

    def __init__(self, put=None, timer=None):
        super().__init__()
        self.modifiers = 0
        self.locks = NUM_LOCK
        self.repl = True
        self.repeat_ms = (500, 33)
        self._text = Text(Layout("us"))
        self._put = put
        self._timer = timer
        self._tick = self._repeat
        self._held = 0  # the key that repeats
        self._repeating = False
        self._keyboards = []

    @property
    def layout(self):
        return self._text.layout.name

    @layout.setter
    def layout(self, name):
        self._text = Text(Layout(name))

    def add(self, keyboard):
        """A Keyboard whose keys count from now on."""
        self._keyboards.append(keyboard)
        self._show_locks(keyboard)

    def remove(self, keyboard):
        """Harmless twice."""
        if keyboard in self._keyboards:
            self._keyboards.remove(keyboard)

    def change(self, keyboard, usage, down):
        """A key of one keyboard.  A key that two report goes down with the first, up with both."""
        for other in self._keyboards:
            if other is not keyboard and other.down[usage >> 5] >> (usage & 31) & 1:
                return
        if usage >= _FIRST_MODIFIER:
            bit = 1 << usage - _FIRST_MODIFIER
            self.modifiers = self.modifiers | bit if down else self.modifiers & ~bit
            self._emit(usage, down, 0)
        elif not down:
            if usage == self._held:
                self._release()
            self._emit(usage, UP, 0)
        else:
            for i in range(3):
                if usage == _LOCKS[i]:
                    self.locks ^= 1 << i
                    self._show_locks(None)
                    self._emit(usage, DOWN, 0)
                    return
            self._hold(usage)
            self._press(usage, DOWN)

    def _show_locks(self, keyboard):
        for each in self._keyboards:
            if each.set_leds and (keyboard is None or each is keyboard):
                each.set_leds(self.locks)

    def _press(self, usage, action):
        text, modifiers = self._text, self.modifiers
        both = text.text(text.char(usage, modifiers, self.locks))
        if both >> 16:
            self._emit(usage, TEXT, both >> 16)
        self._emit(usage, action, both & 0xFFFF)

    def _emit(self, usage, action, char):
        self.tell(usage, action, self.modifiers, char)
        if self.repl and action != UP and self._put:
            modifiers = 0 if action == TEXT else self.modifiers
            if self._text.layout.altgr:
                modifiers &= ~_ALTGR
            terminal(usage, modifiers, self.locks, char, self._put)

    def _hold(self, usage):
        if self.repeat_ms and self._timer:
            self._held = usage
            self._repeating = False
            timer = self._timer
            timer.init(mode=timer.ONE_SHOT, period=self.repeat_ms[0], callback=self._tick)

    def _release(self):
        self._held = 0
        self._timer.deinit()

    def _repeat(self, _):
        if not self._held or not self.repeat_ms:
            return
        if not self._repeating:
            self._repeating = True
            timer = self._timer
            timer.init(mode=timer.PERIODIC, period=self.repeat_ms[1], callback=self._tick)
        self._press(self._held, REPEAT)


_keys = []


def keys():
    """The machine's Keys; made at the first call."""
    if not _keys:
        import prompt
        from machine import Timer

        _keys.append(Keys(prompt.put, Timer(-1)))
    return _keys[0]
