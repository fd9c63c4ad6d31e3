# Made by `inv stubs` from frozen/usb/usbhid.py: do not edit.
"""USB HID class driver: reports of interfaces, to keyboards, mice and whoever asks (HID 1.11).

Not done: reports to interrupt OUT endpoints (SET_REPORT carries them).
"""

from _typeshed import Incomplete
from collections.abc import Iterator
from hidreader import Reader
from hidrequests import Requests

options: dict[Incomplete, Incomplete]

class Hid(Requests):
    """The driver of one interface: Interface.driver.

    descriptor: the report descriptor's bytes; reports: it parsed (hidfield.Reports); boot: the
    boot protocol is on, and reports is what that means.  on_report: function(report, n), called
    softly with each: a memoryview, good until it returns, and the bytes that came.  count: reports
    so far; polled: they come by GET_REPORT.  reader: of the interrupt endpoint, or None.
    """

    device: Incomplete
    interface: Incomplete
    descriptor: Incomplete
    reports: Incomplete | None
    boot: bool
    on_report: Incomplete | None
    count: int
    polled: bool
    closed: bool
    reader: Reader | None
    def __init__(self, device: Incomplete, interface: Incomplete) -> None: ...
    @property
    def name(self) -> str: ...
    def log(self, level: Incomplete, text: Incomplete) -> None:
        """A line that says whose it is."""
    def attach(self) -> Iterator[Incomplete]:
        """Generator: fetch what there is to know, and begin.  Raises OSError, ValueError."""
    def release(self) -> None:
        """Reports do not come any more: keys and buttons come up."""
    def take(self, report: Incomplete, n: Incomplete) -> None:
        """A report came: n bytes of a buffer, which is filled with zeros where they are too few.

        Allocates nothing.
        """
    def detached(self) -> None:
        """The device has gone: its keys and buttons come up."""

def attach(device: Incomplete, interface: Incomplete) -> Iterator[Incomplete]:
    """Generator: the Hid of an interface; for usbcore."""

def configure(text: Incomplete) -> list[Incomplete]:
    """Set options as the command line has them, "dump,poll=auto"; gives the words unknown."""

def start(cmdline: str = "") -> None:
    """Take HID interfaces from now on, and those that are there.  Harmless twice."""
