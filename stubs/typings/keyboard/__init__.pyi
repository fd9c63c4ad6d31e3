# Made by `inv stubs` from frozen/usb/keyboard.py: do not edit.
"""USB keyboards: reports become key events, characters, and typing at the prompt (HID 1.11)."""

from _typeshed import Incomplete
from hidevents import Hub

UP: int
DOWN: int
REPEAT: int
TEXT: int
NUM_LOCK: int
CAPS_LOCK: int
SCROLL_LOCK: int

class Keyboard:
    """The keys of one input report.  fields: those with keys; keys: the Keys they go to.

    set_leds: function(locks), or None.  Raises ValueError: more keys than a report may have.
    """

    down: Incomplete
    set_leds: Incomplete
    keys: Incomplete
    def __init__(
        self, keys: Incomplete, fields: Incomplete, set_leds: Incomplete | None = None
    ) -> None: ...
    def report(self, report: Incomplete, n: Incomplete) -> None:
        """Take a report: events for what changed.  Allocates nothing."""
    def release(self) -> None:
        """Nobody knows any more: its keys come up."""
    def detached(self) -> None:
        """It is gone."""

def key_fields(reports: Incomplete) -> dict[Incomplete, Incomplete]:
    """{report id: its fields with keys}."""

class Event:
    """usage: of the key, HID page 7; action: DOWN, REPEAT, UP, TEXT; modifiers; char: or 0."""

    usage: Incomplete
    action: Incomplete
    modifiers: Incomplete
    char: Incomplete
    def __init__(
        self, usage: Incomplete, action: Incomplete, modifiers: Incomplete, char: Incomplete
    ) -> None: ...
    @property
    def text(self) -> str:
        """The character, or ""."""
    def __repr__(self) -> str: ...

class Keys(Hub):
    """The keys of all keyboards together.  listen(): function(usage, action, modifiers, char).

    repl: whether they type at the prompt.  layout: a name, what is printed on them.  repeat_ms:
    when a key that is held repeats, (delay, period), or None.  modifiers: bits of LCtrl, LShift,
    LAlt, LGui, RCtrl, RShift, RAlt, RGui.  locks: bits NUM_LOCK, CAPS_LOCK, SCROLL_LOCK.

    put: takes a byte for the prompt.  timer: as machine.Timer(-1).
    """

    event: Incomplete
    modifiers: Incomplete
    locks: int
    repl: bool
    repeat_ms: tuple[int, int]
    def __init__(self, put: Incomplete | None = None, timer: Incomplete | None = None) -> None: ...
    @property
    def layout(self) -> Incomplete: ...
    @layout.setter
    def layout(self, name: Incomplete) -> None: ...
    def add(self, keyboard: Incomplete) -> None:
        """A Keyboard whose keys count from now on."""
    def remove(self, keyboard: Incomplete) -> None:
        """Harmless twice."""
    def change(self, keyboard: Incomplete, usage: Incomplete, down: Incomplete) -> None:
        """A key of one keyboard.  A key that two report goes down with the first, up with both."""

def keys() -> Incomplete:
    """The machine's Keys; made at the first call."""
