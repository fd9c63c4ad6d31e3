"""The generic timer as a device: its system registers (Arm ARM D13.8) behind one map."""

from probe import sysreg
from probe.regs import Map
from probe.view import View


class _Registers:
    """System registers as the window of a View: 8 bytes of offset each, and no address."""

    base = None
    name = "timer"

    def __init__(self, names):
        self._names = names
        self.size = 8 * len(names)

    def read64(self, offset):
        return int(sysreg.get(self._names[offset // 8]))

    def write64(self, offset, value):
        sysreg.write(self._names[offset // 8], value)


def view():
    """The View of those that this CPU has.  Writing raises what sysreg.write() does."""
    found = []
    lines = []
    for name, access, fields in sysreg.described("CNT"):
        try:
            sysreg.get(name)
        except AttributeError:
            continue
        lines.append("%d %s %s %s" % (8 * len(found), name, access, fields))
        found.append(name)
    text = "\n".join(lines)
    return View(Map("timer", "Arm ARM D13.8", text, 64), _Registers(found))
