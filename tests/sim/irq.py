"""Module irq for unit tests: keeps what was requested; messages have made-up numbers."""

LEVEL = 0
EDGE = 1

ADDRESS = 0x08020040
FIRST = 80

lines = {}
free_vectors = 64  # tests set it: what is left to take
kind = "v2m"  # or None: no way to take messages
_next = FIRST


class Line:
    """What request() gives.  fire() calls the handler as an interrupt would."""

    def __init__(self, intid, handler, trigger, hard, name):
        self.intid = intid
        self.handler = handler
        self.trigger = trigger
        self.hard = hard
        self.name = name
        self.count = 0
        self.enabled = False
        lines[intid] = self

    def fire(self):
        self.count += 1
        self.handler(self)

    def enable(self):
        self.enabled = True

    def free(self):
        del lines[self.intid]


def request(intid, handler, trigger=LEVEL, *, hard=False, priority=None, name=None, enable=True):
    """A Line.  Raises OSError(EBUSY)."""
    if intid in lines:
        raise OSError(16, "taken")
    line = Line(intid, handler, trigger, hard, name)
    line.enabled = enable
    return line


class Vectors:
    """What msi() gives."""

    def __init__(self, first, count):
        self.kind = kind
        self._first = first
        self._count = count

    def __len__(self):
        return self._count

    def __getitem__(self, i):
        if not 0 <= i < self._count:
            raise IndexError(i)
        return ADDRESS, self._first + i, self._first + i

    def request(self, i, handler, hard=False, priority=None, name=None):
        return request(self[i][2], handler, EDGE, hard=hard, name=name)

    def free(self):
        global free_vectors
        free_vectors += self._count
        self._count = 0


def msi(count=1, device=0):
    """Vectors.  Raises OSError(ENODEV), OSError(ENOSPC)."""
    global free_vectors, _next
    if kind is None:
        raise OSError(19, "no messages")
    if count > free_vectors:
        raise OSError(28, "too few left")
    free_vectors -= count
    first = _next
    _next += count
    return Vectors(first, count)


def reset(vectors=64, how="v2m"):
    """As after power-on."""
    global free_vectors, kind, _next
    lines.clear()
    free_vectors, kind, _next = vectors, how, FIRST


class Held:
    """A callable that Ctrl-C waits for.  under_way: calls of any of them, now.

    What else it raises goes through, unlike on the target, where it is logged: a test is to fail.
    """

    under_way = 0

    def __init__(self, function):
        self._function = function

    def __call__(self, *args):
        Held.under_way += 1
        try:
            return self._function(*args)
        except KeyboardInterrupt:
            return -4
        finally:
            Held.under_way -= 1
