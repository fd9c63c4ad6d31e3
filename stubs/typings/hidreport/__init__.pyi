# Made by `inv stubs` from frozen/usb/hidreport.py: do not edit.
"""HID report descriptors (HID 1.11 §5, §6.2.2): what stands at which bit of a report.

Not done: physical descriptors; designators and strings are skipped.
"""

from _typeshed import Incomplete
from collections.abc import Iterator

def items(data: Incomplete) -> Iterator[Incomplete]:
    """Yields (offset, type, tag, size, value as an unsigned number) of each item.

    Long items come with type 3.  Raises ValueError for one that is cut off.
    """

def parse(data: Incomplete) -> Incomplete:
    """The Reports of a report descriptor.

    Raises ValueError for one that is damaged, or asks for more than a device can mean.
    """
