# Made by `inv stubs` from frozen/bus/aml_resources.py: do not edit.
"""Resource templates: the buffers of _CRS and _PRS, descriptor by descriptor (ACPI 6.5 §6.4).

Kinds and field names are ASL's.  Not done: GPIO, serial buses, pin functions: named, not decoded.
"""

from _typeshed import Incomplete

def decode(data: Incomplete) -> list[Incomplete]:
    """bytes of a template -> list of dicts with 'kind' and the fields of that kind.

    Addresses and lengths are in bytes, 'interrupts' a list, 'trigger' 'level' or 'edge',
    'polarity' 'high' or 'low'.  Raises AmlError.
    """
