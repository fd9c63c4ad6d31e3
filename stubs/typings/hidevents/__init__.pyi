# Made by `inv stubs` from frozen/usb/hidevents.py: do not edit.
"""Listeners and asynchronous readers of keyboards and mice: an event is four numbers."""

from _typeshed import Incomplete
from typing import Self

class Events:
    """`async for event in keyboard.keys().events():`, or `await events.next()`.

    `lost` counts events that came while 64 waited: the oldest go.  close() ends it, as leaving
    its `with` does.
    """

    lost: int
    def __init__(self, hub: Incomplete, make: Incomplete) -> None: ...
    async def next(self) -> Incomplete:
        """The next event."""
    def __aiter__(self) -> Self: ...
    def close(self) -> None:
        """No more events; what waits can still be read."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *_: Incomplete) -> None: ...

class Hub:
    """Where the reports of all devices of a kind become events.  count: events so far."""

    event: Incomplete | None
    count: int
    def __init__(self) -> None: ...
    def listen(self, function: Incomplete) -> None:
        """Have function(four numbers) called for each event.  One that raises is taken off."""
    def unlisten(self, function: Incomplete) -> None:
        """Harmless when it is not there."""
    def events(self) -> Events:
        """An asynchronous iterator of the events from now on: Events."""
    def tell(self, a: Incomplete, b: Incomplete, c: Incomplete, d: Incomplete) -> None:
        """An event."""
