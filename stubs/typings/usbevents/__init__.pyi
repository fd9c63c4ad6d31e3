# Made by `inv stubs` from frozen/usb/usbevents.py: do not edit.
"""Devices that come and go, for asyncio."""

from _typeshed import Incomplete
from typing import Self

class Events:
    """`async for device, there in usb.events():`, or `await events.next()`.

    `lost` counts events that came while 64 waited: the oldest go.  close() ends it, as leaving
    its `with` does; what waits can still be read.  on_attach: usb's.
    """

    lost: int
    def __init__(self, on_attach: Incomplete) -> None: ...
    async def next(self) -> Incomplete:
        """(device, there) of the next event."""
    def __aiter__(self) -> Self: ...
    def close(self) -> None:
        """No more events."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *_: Incomplete) -> None: ...
