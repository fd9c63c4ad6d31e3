# Made by `inv stubs` from frozen/usb/hidrescue.py: do not edit.
"""Ways around controllers whose interrupt endpoints do not work (reference §6.8): all optional.

Nobody has seen a device need them since control transfers are right; usbhid.options turns them on.
"""

from _typeshed import Incomplete
from collections.abc import Iterator

def begin(hid: Incomplete, options: Incomplete) -> Iterator[Incomplete]:
    """Generator: what the options want before the first report."""

def start(hid: Incomplete, options: Incomplete) -> None:
    """Interrupt transfers failed for good: do what the options allow."""

def is_echo(
    type: Incomplete,
    request: Incomplete,
    value: Incomplete,
    index: Incomplete,
    length: Incomplete,
    data: Incomplete,
) -> bool:
    """Whether an answer is but the request itself (observed: Parallels, unconfigured devices)."""

def selftest(hid: Incomplete) -> Iterator[Incomplete]:
    """Generator: three requests, one after the other; [(name, bytes or None, what it means)].

    Logged.  Meanings: "ok", "SETUP echo", or the error.
    """

def as_bulk(hid: Incomplete) -> Iterator[Incomplete]:
    """Generator: the endpoint of the reports becomes a bulk endpoint, at the controller."""

def start_poll(hid: Incomplete) -> None:
    """Ask for input reports 100 times a second from now on."""

def watch(hid: Incomplete) -> Iterator[Incomplete]:
    """Generator: sees to it that something takes over when interrupt reports do not come.

    Compares what GET_REPORT gives until the first interrupt report: one that changes while none
    comes means that none will.
    """
