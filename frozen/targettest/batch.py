"""Batch mode, the boot option `batch`: run a file, say how it went, and power off."""

import os
import sys

from micropython import const, kbd_intr

from targettest import run as testrun
from targettest import unity

_PLACES = ("/autorun.py", "/esp/autorun.py", "/ram/autorun.py")
_FAILED = const(1)
_NOTHING_TO_RUN = const(2)
_INTERRUPTED = const(130)  # as a shell has it

# What the host reads; docs/log-format.md.
_BEGIN = "=== PYRALLAX BATCH 1 %s ==="
_END = "=== PYRALLAX EXIT %d ==="


class _Results:
    """What unittest.main() of the file found.  good: whether every run of it succeeded."""

    def __init__(self):
        self.good = True

    def run(self, suite):
        """A runner as testrun.main() calls it."""
        result = unity.UnityRunner(final=False).run(suite)
        self.good = self.good and result.wasSuccessful()
        return result


def start(cmdline, scope):
    """With the option, run the file in `scope`, the globals of __main__, and power off.

    Comes back without it, and where the platform does not let the machine power off.
    """
    import mounts

    words = mounts.options(cmdline)
    wanted = words.get("batch")
    if wanted is None:
        return
    path = _find((wanted,) if wanted else _PLACES)
    print(_BEGIN % (path or "-"))
    if path is None:
        print("batch: there is no", wanted or " nor ".join(_PLACES))
        status = _NOTHING_TO_RUN
    else:
        status = run(path, scope)
    print(unity.verdict(status == 0))
    print(_END % status)
    _power_off()


def _find(places):
    for place in places:
        try:
            os.stat(place)
            return place
        except OSError:
            pass
    return None


def run(path, scope):
    """Run a file as a script; its exit status."""
    results = _Results()
    testrun.default_runner = results
    folder = path.rpartition("/")[0]  # "": the current one, which is the root
    kbd_intr(3)  # Ctrl-C; the start itself has none
    sys.path.insert(0, folder)
    scope["__name__"] = "__main__"
    scope["__file__"] = path
    try:
        with open(path) as file:
            source = file.read()
        exec(compile(source, path, "exec"), scope)
        status = 0
    except SystemExit as why:
        status = _status(why.args[0] if why.args else None)
    except KeyboardInterrupt as why:
        sys.print_exception(why)
        status = _INTERRUPTED
    except BaseException as why:  # one of the user's own must not keep the machine on, either
        sys.print_exception(why)
        status = _FAILED
    finally:
        kbd_intr(-1)
        testrun.default_runner = None
        try:
            sys.path.remove(folder)
        except (ValueError, AttributeError):  # the file has a path of its own
            pass
    return status if status or results.good else _FAILED


def _status(value):
    """Exit status of sys.exit(value), as CPython has it."""
    if value is None or isinstance(value, int):
        return int(value or 0) & 0xFF
    print(value)
    return _FAILED


def _power_off():
    import machine
    import vfs

    if any(where != "/ram" for _, where in vfs.mount()):
        import mounts

        mounts.stop()
    try:
        machine.poweroff()
    except OSError as why:
        print("batch:", why)
