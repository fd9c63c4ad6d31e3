"""Hardware report: everything this machine says about itself as one JSON document.

The format is docs/schema/hwreport-1.json.  Reads only: no store to any device beyond what the
discovery of acpi and pci does; registers whose reading has effects are left out.  A section that
fails is {"error": why} and the rest goes on.
"""

import json
import sys

from micropython import const

_VERSION = const(1)

# Sections in the order they are written; each is a function of hwsections.
_NAMES = (
    "made machine memory cpu interrupts timer uart acpi smbios pci controllers display efi timings"
)


def sections(enable=False):
    """Yield (name, data) for each section; enable: as write().

    Data: what JSON has, and generators for lists.
    """
    from . import hwsections

    for name in _NAMES.split():
        try:
            make = getattr(hwsections, name)
            data = make(enable) if name == "controllers" else make()
        except Exception as why:
            data = {"error": "%s: %s" % (type(why).__name__, why)}
        yield name, data


def write(stream=None, enable=False):
    """Write the report to a stream, standard output by default.

    One section at a time: the whole never is in memory.  enable: switch memory decode on while a
    controller that has it off is read (a store to its configuration space), and off again.
    """
    out = sys.stdout if stream is None else stream
    out.write('{"schema": "pyrallax-hwreport", "version": %d' % _VERSION)
    for name, data in sections(enable):
        out.write(',\n"%s": ' % name)
        _write(out, data)
    out.write("}\n")


def _write(out, data):
    """As json.dump, but a generator is a list that is made while it is written."""
    if isinstance(data, dict):
        out.write("{")
        for i, key in enumerate(data):
            out.write("%s%s: " % (", " if i else "", json.dumps(key)))
            _write(out, data[key])
        out.write("}")
    elif hasattr(data, "__next__"):
        out.write("[")
        for i, item in enumerate(data):
            out.write(",\n  " if i else "\n  ")
            json.dump(item, out)
        out.write("]")
    else:
        json.dump(data, out)


def save(path, enable=False):
    """Write the report to a file.  Raises OSError."""
    with open(path, "w") as f:
        write(f, enable)
