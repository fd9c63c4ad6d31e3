# Made by `inv stubs` from frozen/usb/usb.py: do not edit.
"""USB at the prompt: controllers, devices, what they say, and captures of what they are told.

probe() attaches all controllers there are; start() does so at boot.
"""

from _typeshed import Incomplete

def probe(settle: bool = True, ehci: bool = False, **options: Incomplete) -> Incomplete:
    """Attach every controller that is not yet; the list of usbcore.Bus.

    settle: return once every device that is plugged in has been taken in or refused; not inside of
    a listener or a driver, for which that waits.  ehci: also EHCI controllers that are left alone
    unless asked for (usbquirks).  options: of the Controllers.  What does not start is logged and
    left out.
    """

def start(cmdline: Incomplete) -> None:
    """At boot: probe() unless the command line has `usb=off`; devices are in soon after.

    A controller that must be left alone for a while is attached when that has passed.
    """

def release() -> None:
    """Let go of every device and controller; the next probe() looks again."""

def devices() -> list[Incomplete]:
    """All devices, of all controllers, attached first where need be."""

def find(
    vendor: Incomplete | None = None,
    product: Incomplete | None = None,
    class_: Incomplete | None = None,
) -> list[Incomplete]:
    """The devices with those ids, or with an interface of that class."""

def on_attach(listener: Incomplete) -> Incomplete:
    """Call listener(device, there), softly, when a device has come or gone; gives the undoing."""

def events() -> Incomplete:
    """What on_attach() tells, for asyncio: usbevents.Events."""

def lsusb(device: Incomplete | None = None, verbose: bool = True) -> None:
    """Print what devices say of themselves, as `lsusb -v` does, or a line for each."""

def capture(size: int = ..., snap: int = 4096) -> Incomplete:
    """Record every transfer from now on: a usbcap.Capture, with stop() and save(path).

    Before the first probe(): enumeration, too.
    """
