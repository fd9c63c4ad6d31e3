"""A hub port's state as one int, the same for root ports and external hubs.

The lower half is what is, the upper half (bit + 16) what has changed since it was last cleared.
Link states and speeds have xHCI's numbers (xHCI 1.2 §5.4.8, default speed ids).
"""

CONNECTED = 1 << 0
ENABLED = 1 << 1
OVERCURRENT = 1 << 3
RESET = 1 << 4
POWER = 1 << 8
LINK_SHIFT = 9  # 4 bits: 0 U0, 3 U3, 4 disabled, 5 RxDetect, 6 inactive, 7 polling, 10 compliance
SPEED_SHIFT = 13  # 3 bits, an index into SPEEDS

C_CONNECTED = 1 << 16
C_ENABLED = 1 << 17
C_OVERCURRENT = 1 << 19
C_RESET = 1 << 20
C_WARM_RESET = 1 << 21
C_LINK = 1 << 22
C_CONFIG = 1 << 23  # the port's configuration failed
CHANGES = 0x00FF0000

LINK_DISABLED = 4
LINK_INACTIVE = 6
LINK_COMPLIANCE = 10

SPEEDS = (None, "full", "low", "high", "super", "super+", "super+", "super+")


def link(status):
    """The link's state."""
    return status >> LINK_SHIFT & 15


def stuck(status):
    """Whether only a warm reset leads the link out of its state (USB 3.2 §7.5)."""
    return link(status) in (LINK_INACTIVE, LINK_COMPLIANCE)


def trains(status):
    """Whether a link may still come up by itself."""
    return status & CONNECTED and not status & ENABLED and not stuck(status)


def speed(status):
    """'low', 'full', 'high', 'super', 'super+', or None where it is not known yet."""
    return SPEEDS[status >> SPEED_SHIFT & 7]


def text(status):
    """For logs."""
    names = (
        (0, "connected"),
        (1, "enabled"),
        (3, "over-current"),
        (4, "reset"),
        (8, "power"),
    )
    words = [name for bit, name in names if status >> bit & 1]
    words.append("link %d" % link(status))
    if speed(status):
        words.append(speed(status))
    changed = [name for bit, name in names if status >> (16 + bit) & 1]
    if changed:
        words.append("changed: " + " ".join(changed))
    return " ".join(words)
