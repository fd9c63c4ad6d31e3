"""CPython's stand-in for MicroPython's module `micropython`: what frozen Python uses of it."""


def const(value):
    return value


def schedule(function, argument):
    """Run at once: a test has no interrupts."""
    function(argument)


def opt_level(level=None):
    return 0


def heap_lock():
    pass


def heap_unlock():
    return 0


def alloc_emergency_exception_buf(size):
    pass


def kbd_intr(char):
    pass
