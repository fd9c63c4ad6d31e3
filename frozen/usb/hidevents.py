"""Listeners and asynchronous readers of keyboards and mice: an event is four numbers."""

import klog
from micropython import const

_RING = const(64)  # events that wait for a reader; a power of two


class Events:
    """`async for event in keyboard.keys().events():`, or `await events.next()`.

    `lost` counts events that came while 64 waited: the oldest go.  close() ends it, as leaving
    its `with` does.
    """

    def __init__(self, hub, make):
        import asyncio
        from array import array

        self.lost = 0
        self._make = make
        self._ring = array("i", bytes(4 * 4 * _RING))
        self._get = self._put = 0
        self._flag = asyncio.ThreadSafeFlag()
        self._hub = hub
        self._listener = self._take
        hub.listen(self._listener)

    def _take(self, a, b, c, d):
        if self._put - self._get == _RING:
            self._get += 1
            self.lost += 1
        ring, at = self._ring, 4 * (self._put & _RING - 1)
        ring[at] = a
        ring[at + 1] = b
        ring[at + 2] = c
        ring[at + 3] = d
        self._put += 1
        self._flag.set()

    async def next(self):
        """The next event."""
        while self._get == self._put:
            if self._hub is None:
                raise StopAsyncIteration
            await self._flag.wait()
        at = 4 * (self._get & _RING - 1)
        self._get += 1
        return self._make(*self._ring[at : at + 4])

    def __aiter__(self):
        return self

    __anext__ = next

    def close(self):
        """No more events; what waits can still be read."""
        if self._hub:
            self._hub.unlisten(self._listener)
            self._hub = None
            self._flag.set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Hub:
    """Where the reports of all devices of a kind become events.  count: events so far."""

    event = None  # what readers get, made of the four numbers

    def __init__(self):
        self.count = 0
        self._listeners = []

    def listen(self, function):
        """Have function(four numbers) called for each event.  One that raises is taken off."""
        self._listeners.append(function)

    def unlisten(self, function):
        """Harmless when it is not there."""
        if function in self._listeners:
            self._listeners.remove(function)

    def events(self):
        """An asynchronous iterator of the events from now on: Events."""
        return Events(self, self.event)

    def tell(self, a, b, c, d):
        """An event."""
        self.count += 1
        listeners, at = self._listeners, 0
        while at < len(listeners):
            function = listeners[at]
            try:
                function(a, b, c, d)
            except Exception as why:
                self.unlisten(function)
                klog.log(klog.WARN, "usb: listener off: %s: %s" % (type(why).__name__, why))
            if at < len(listeners) and listeners[at] is function:  # else it has just gone
                at += 1
