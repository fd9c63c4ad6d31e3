# Made by `inv stubs` from frozen/usb/keylayouts.py: do not edit.
"""What is printed on keys: US, UK, DE, FR, as Windows' drivers of these names have them.

Caps Lock is for letters, as Linux has it.

Characters of the combining block (U+0300…) are dead keys.
"""

from _typeshed import Incomplete

def names() -> list[Incomplete]:
    """Layouts there are."""

class Layout:
    """One layout, as numbers: asking it allocates nothing.  Raises ValueError for its name."""

    name: Incomplete
    altgr: bool
    decimal: int
    def __init__(self, name: Incomplete) -> None: ...
    def char(
        self, usage: Incomplete, shift: Incomplete, altgr: Incomplete, caps: Incomplete
    ) -> Incomplete:
        """Code point of a key, a dead key's among them; 0 for none."""
    def compose(self, dead: Incomplete, char: Incomplete) -> Incomplete:
        """Code point of both, or 0."""

def is_letter(code: Incomplete) -> bool:
    """A small letter of Latin-1."""
