# Made by `inv stubs` from frozen/usb/usbenable.py: do not edit.
"""How what is plugged into a port is brought to where it can be asked, and to silence.

ports: the usbports.Ports that it is one of.
"""

from _typeshed import Incomplete
from collections.abc import Iterator

def debounce(ports: Incomplete, port: Incomplete) -> Iterator[Incomplete]:
    """Generator: until the plug rests.  Raises OSError."""

def enable(ports: Incomplete, port: Incomplete, attempt: Incomplete) -> Iterator[Incomplete]:
    """Generator: the status of the port, enabled.  Raises OSError."""

def disable(ports: Incomplete, port: Incomplete) -> Iterator[Incomplete]:
    """Generator: who has no address, or whose will be another's, must not answer in its place."""
