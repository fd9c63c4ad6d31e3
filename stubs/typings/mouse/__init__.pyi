# Made by `inv stubs` from frozen/usb/mouse.py: do not edit.
"""USB mice and tablets: reports become a pointer's place, buttons and wheel (HID 1.11).

Not done: several fingers.
"""

from _typeshed import Incomplete
from hidevents import Hub

LEFT: int
RIGHT: int
MIDDLE: int

class Mouse:
    """What points in one input report.  fields: of that report; pointer: the Pointer it moves.

    counts: of the wheel for a notch.
    """

    buttons: Incomplete
    counts: int
    pointer: Incomplete
    def __init__(self, pointer: Incomplete, fields: Incomplete) -> None: ...
    def report(self, report: Incomplete, n: Incomplete) -> None:
        """Take a report: an event, if it says something.  Allocates nothing."""
    def release(self) -> None:
        """Nobody knows any more: its buttons come up."""
    def detached(self) -> None:
        """It is gone."""

def pointer_fields(reports: Incomplete) -> dict[Incomplete, Incomplete]:
    """{report id: its fields}, of the reports that move a pointer, press its buttons or scroll."""

class Event:
    """x, y, buttons: as they are now; wheel: steps, away from the user above 0."""

    x: Incomplete
    y: Incomplete
    buttons: Incomplete
    wheel: Incomplete
    def __init__(
        self, x: Incomplete, y: Incomplete, buttons: Incomplete, wheel: Incomplete
    ) -> None: ...
    def __repr__(self) -> str: ...

class Pointer(Hub):
    """Where all mice together point.  listen(): function(x, y, buttons, wheel).

    x, y: place, from 0 at the top left, below width and height; buttons: bits LEFT, RIGHT, MIDDLE,
    further ones; dx, dy, wheel, pan: of the last event, wheel away from the user and pan to the
    right above 0.  dx and dy also tell of a relative mouse that pushes at an edge.  fine: 120 for
    a notch of the wheel, less for its parts where a mouse tells of them (usbhid's option hires).
    """

    event: Incomplete
    width: Incomplete
    height: Incomplete
    x: Incomplete
    y: Incomplete
    dx: Incomplete
    dy: Incomplete
    wheel: Incomplete
    pan: Incomplete
    fine: int
    buttons: Incomplete
    def __init__(self) -> None: ...
    def screen(self, width: Incomplete, height: Incomplete) -> None:
        """So many places; x and y go to where they are on it.  Raises ValueError."""
    def add(self, mouse: Incomplete) -> None:
        """A Mouse that moves it from now on."""
    def remove(self, mouse: Incomplete) -> None:
        """Harmless twice."""
    def change(self, dx: Incomplete, dy: Incomplete, wheel: Incomplete, pan: Incomplete) -> None:
        """A report's movement; buttons are asked for."""

def pointer() -> Incomplete:
    """The machine's Pointer; made at the first call."""
