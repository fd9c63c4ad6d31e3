# Made by `inv stubs` from frozen/probe/hwreport.py: do not edit.
"""Hardware report: everything this machine says about itself as one JSON document.

The format is docs/schema/hwreport-1.json.  Reads only: no store to any device beyond what the
discovery of acpi and pci does; registers whose reading has effects are left out.  A section that
fails is {"error": why} and the rest goes on.
"""

from _typeshed import Incomplete
from collections.abc import Iterator

def sections(enable: bool = False) -> Iterator[Incomplete]:
    """Yield (name, data) for each section; enable: as write().

    Data: what JSON has, and generators for lists.
    """

def write(stream: Incomplete | None = None, enable: bool = False) -> None:
    """Write the report to a stream, standard output by default.

    One section at a time: the whole never is in memory.  enable: switch memory decode on while a
    controller that has it off is read (a store to its configuration space), and off again.
    """

def save(path: Incomplete, enable: bool = False) -> None:
    """Write the report to a file.  Raises OSError."""
