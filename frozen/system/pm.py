"""The last panic: registers, backtrace, log, memory.  At the prompt that follows, `pm.help()`."""

import _pm
from _pm import active, available, frame, names, read, state  # noqa: F401  for users
from micropython import const

_NAMES = const("sp pc spsr esr far fpsr fpcr")
# ESR_EL1 (Arm ARM D17.2.37): EC, IL and what an abort's ISS says.
_EC_INSN_ABORT = const(0x21)
_EC_DATA_ABORT = const(0x25)
_HELP = """After a panic.  Memory and devices can be read, not written; interrupts are off.
pm.reason           why, as in the panic block
pm.regs             all registers; pm.regs.x0, .lr, .sp, .pc, .esr, .far, .spsr, .q0 are ints
pm.esr              the exception's syndrome, decoded
pm.backtrace()      C: print addresses (`inv symbolize` names them), then the Python functions
pm.python()         [(file, line, function), ...], the innermost first
pm.log()            print the kernel log
pm.memory[a]        8 bytes as an int; pm.memory[a:b] as bytes; BusError where nothing answers
pm.state()          bytes of MicroPython's mp_state_ctx as it was
Ctrl-D or machine.reset() resets the machine."""


class Registers:
    """Registers of the interrupted code as ints: x0 to x30, lr, sp, pc, spsr, esr, far, q0…"""

    def __init__(self, values):
        general = ["x%d" % i for i in range(31)] + _NAMES.split()
        self.names = general + ["q%d" % i for i in range(32)]
        for name, value in zip(self.names, values):
            setattr(self, name, value)
        self.lr = self.x30

    def __repr__(self):
        lines = []
        general = self.names[: 31 + 5]
        for at in range(0, len(general), 4):
            row = general[at : at + 4]
            lines.append(" ".join("%4s 0x%016x" % (n, getattr(self, n)) for n in row))
        return "\n".join(lines)


class Syndrome:
    """ESR_EL1 as fields: [(name, value, text), ...].  Arm ARM D17.2.37."""

    def __init__(self, value):
        self.value = value
        what, status = names(value)
        ec = value >> 26 & 0x3F
        self.fields = [("EC", ec, what), ("IL", value >> 25 & 1, "")]
        if ec == _EC_DATA_ABORT:
            self.fields.append(("ISV", value >> 24 & 1, ""))
            self.fields.append(
                ("FnV", value >> 10 & 1, "FAR is not valid" if value >> 10 & 1 else "")
            )
            self.fields.append(("WnR", value >> 6 & 1, "write" if value >> 6 & 1 else "read"))
            self.fields.append(("DFSC", value & 0x3F, status))
        elif ec == _EC_INSN_ABORT:
            self.fields.append(("IFSC", value & 0x3F, status))
        else:
            self.fields.append(("ISS", value & 0x1FFFFFF, ""))

    def __repr__(self):
        rows = ["0x%08x" % self.value]
        for name, value, text in self.fields:
            rows.append("  %-4s 0x%x  %s" % (name, value, text))
        return "\n".join(row.rstrip() for row in rows)


class Memory:
    """Guarded loads: m[a] is the 64-bit word at a, m[a:b] the bytes up to b.  Raises BusError."""

    def __getitem__(self, at):
        if isinstance(at, slice):
            return read(at.start, at.stop - at.start)
        return int.from_bytes(read(at, 8), "little")

    def __setitem__(self, at, value):
        raise OSError(30, "read-only after a panic")  # EROFS


reason = (_pm.reason() or (None,))[0]
regs = frame() and Registers(frame())
esr = regs and Syndrome(regs.esr)
memory = Memory()


def python():
    """Python functions that ran, the innermost first: [(file, line, function), ...]."""
    found = []
    for text in _pm.python().split("\n"):
        if text:
            place, function = text.rsplit(" ", 1)
            file, line = place.rsplit(":", 1)
            found.append((file, int(line), function))
    return found


def backtrace():
    """Print the calls, the innermost first: `bt N address`, then `py N file:line function`.

    The lines are those of a panic block: `inv symbolize` names the addresses.
    """
    for n, address in enumerate(_pm.backtrace()):
        print("bt %d 0x%016x" % (n, address))
    for n, (file, line, function) in enumerate(python()):
        print("py %d %s:%d %s" % (n, file, line, function))


def log():
    """Print the kernel log, oldest line first."""
    import klog

    klog.dmesg()


def help():
    """Print what there is."""
    print(_HELP)
