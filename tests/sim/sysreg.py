"""modules/sysreg, for unit tests: {(op0, op1, CRn, CRm, op2): value}, others are undefined."""

registers = {}


def read(*code):
    if code not in registers:
        raise AttributeError("S%u_%u_C%u_C%u_%u: undefined on this CPU at EL1" % code)
    return registers[code]


def poke(*args):
    if args[:5] not in registers:
        raise AttributeError("S%u_%u_C%u_C%u_%u: undefined on this CPU at EL1" % args[:5])
    registers[args[:5]] = args[5]
