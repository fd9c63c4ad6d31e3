# Made by `inv stubs` from frozen/usb/usbport.py: do not edit.
"""A hub port's state as one int, the same for root ports and external hubs.

The lower half is what is, the upper half (bit + 16) what has changed since it was last cleared.
Link states and speeds have xHCI's numbers (xHCI 1.2 §5.4.8, default speed ids).
"""

from _typeshed import Incomplete

CONNECTED: int
ENABLED: int
OVERCURRENT: int
RESET: int
POWER: int
LINK_SHIFT: int
SPEED_SHIFT: int
C_CONNECTED: int
C_ENABLED: int
C_OVERCURRENT: int
C_RESET: int
C_WARM_RESET: int
C_LINK: int
C_CONFIG: int
CHANGES: int
LINK_DISABLED: int
LINK_INACTIVE: int
LINK_COMPLIANCE: int
SPEEDS: tuple[None, str, str, str, str, str, str, str]

def link(status: Incomplete) -> Incomplete:
    """The link's state."""

def stuck(status: Incomplete) -> bool:
    """Whether only a warm reset leads the link out of its state (USB 3.2 §7.5)."""

def trains(status: Incomplete) -> Incomplete:
    """Whether a link may still come up by itself."""

def speed(status: Incomplete) -> Incomplete:
    """'low', 'full', 'high', 'super', 'super+', or None where it is not known yet."""

def text(status: Incomplete) -> str:
    """For logs."""
