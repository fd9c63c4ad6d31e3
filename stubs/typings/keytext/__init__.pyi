# Made by `inv stubs` from frozen/usb/keytext.py: do not edit.
"""From keys to characters: shift states, locks, dead keys, and what a terminal sends."""

from _typeshed import Incomplete

def move(usage: Incomplete, locks: Incomplete) -> Incomplete:
    """The key that a key of the keypad is without Num Lock, or the key itself."""

class Text:
    """Characters of the keys that go down.  layout: a keylayouts.Layout."""

    layout: Incomplete
    dead: Incomplete
    def __init__(self, layout: Incomplete) -> None: ...
    def char(self, usage: Incomplete, modifiers: Incomplete, locks: Incomplete) -> Incomplete:
        """Code point a key makes now, or 0."""
    def text(self, code: Incomplete) -> Incomplete:
        """What comes of a code point behind a dead key: (to type first or 0) << 16 | to type."""

def utf8(code: Incomplete, put: Incomplete) -> None:
    """put(byte) for each byte of a code point."""

def terminal(
    usage: Incomplete, modifiers: Incomplete, locks: Incomplete, code: Incomplete, put: Incomplete
) -> None:
    """put(byte) for what a terminal sends for a key and the code point it made.

    AltGr is no modifier here.
    """
