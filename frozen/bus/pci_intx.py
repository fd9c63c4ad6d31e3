"""INTx lines, which several functions may share (PCI 3.0 §2.2.6).

Every handler of a line is called whenever it fires and looks at its own device: the Interrupt
Status bit of the Status register is no help where a device lacks it, as those before PCI 2.3.
"""

import irq
from micropython import const

_EBUSY = const(16)  # the unix port's errno lacks it

_shared = {}  # INTID: Shared, of lines that have a handler; a soft reset starts anew


class Shared:
    """A line and the parts that functions have in it."""

    def __init__(self, intid, hard, name):
        self.parts = []
        self.intid = intid
        self.line = irq.request(intid, self._fired, irq.LEVEL, hard=hard, name=name, enable=False)

    def _fired(self, line):
        failed = None
        for part in self.parts:
            try:
                part.handler(part)
            except Exception as why:
                failed = failed or why  # the others' devices hold the line, too
        if failed:
            raise failed


class Part:
    """What a handler on a shared line gets: like irq's Line, for one function.

    free() leaves the line to the others.  count and the rest are those of the whole line;
    disable() holds all of them back.
    """

    def __init__(self, shared, handler, name):
        self.handler = handler
        self.name = name
        self._shared = shared

    def __getattr__(self, name):
        shared = self._shared
        if shared is None:
            raise AttributeError("%s: %s is free" % (name, self.name))
        return getattr(shared.line, name)

    def __repr__(self):
        if self._shared is None:
            return "<INTx %s, free>" % self.name
        parts = len(self._shared.parts)
        return "<INTx %s INTID %d, %d on it>" % (self.name, self._shared.intid, parts)

    def free(self):
        """Take the handler off; the last one gives the line back.  Raises OSError(EBUSY)."""
        shared = self._shared
        if shared is None:
            return
        if len(shared.parts) == 1:
            shared.line.free()
            _shared.pop(shared.intid)
        # A new list: the one that a handler is being taken from stays as it is.
        shared.parts = [part for part in shared.parts if part is not self]
        self._shared = None


def request(intid, handler, hard, name):
    """A Part of the line.  Raises OSError(EBUSY) where the line is hard and the request is not,
    the other way round, or it belongs to somebody who is no PCI function."""
    shared = _shared.get(intid)
    if shared is None:
        shared = Shared(intid, hard, name)
        _shared[intid] = shared
    elif shared.line.hard != hard:
        raise OSError(_EBUSY, "INTID %d has handlers with hard=%s" % (intid, not hard))
    part = Part(shared, handler, name)
    shared.parts = shared.parts + [part]
    shared.line.enable()
    return part
