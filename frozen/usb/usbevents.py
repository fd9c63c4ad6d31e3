"""Devices that come and go, for asyncio."""

from micropython import const

_WAITING = const(64)


class Events:
    """`async for device, there in usb.events():`, or `await events.next()`.

    `lost` counts events that came while 64 waited: the oldest go.  close() ends it, as leaving
    its `with` does; what waits can still be read.  on_attach: usb's.
    """

    def __init__(self, on_attach):
        import asyncio

        self.lost = 0
        self._waiting = []
        self._flag = asyncio.ThreadSafeFlag()
        self._off = on_attach(self._take)

    def _take(self, device, there):
        if len(self._waiting) == _WAITING:
            self._waiting.pop(0)
            self.lost += 1
        self._waiting.append((device, there))
        self._flag.set()

    async def next(self):
        """(device, there) of the next event."""
        while not self._waiting:
            if self._off is None:
                raise StopAsyncIteration
            await self._flag.wait()
        return self._waiting.pop(0)

    def __aiter__(self):
        return self

    __anext__ = next

    def close(self):
        """No more events."""
        if self._off is not None:
            self._off()
            self._off = None
            self._flag.set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
