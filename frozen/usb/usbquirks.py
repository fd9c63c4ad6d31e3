"""What USB hosts need beyond the specifications, as data."""

from micropython import const

# (vendor, device or None, subsystem's vendor or None): what differs.
# settle_ms: left alone for so long after ExitBootServices.  master_ms: bus mastering is off for so
# long before the reset.  start_ms: after RS.  reset_us: no register is read for so long after
# HCRST.  kinds: of interrupts, to be tried.  narrow: AC64 is not true.  no_reset: of a USB 3 port
# that is enabled.
_XHCI = (
    # reference §6.8, steps 2, 3, 10 and 13: harmless if not needed
    (
        (0x1033, 0x0194, 0x1AB8),
        {"settle_ms": 1000, "master_ms": 10, "start_ms": 20, "no_reset": True},
    ),
    # Linux's xhci-pci.c: hosts that hang on an early read, whose MSI does not come, that lie
    ((0x8086, None, None), {"reset_us": 1000}),
    ((0x1B73, 0x1000, None), {"kinds": ("intx",)}),
    ((0x1B73, 0x1400, None), {"kinds": ("intx",)}),
    ((0x1B21, 0x1142, None), {"narrow": True}),
    ((0x1B21, 0x2142, None), {"narrow": True}),
)


def _find(table, *mine):
    for ids, quirks in table:
        if all(a is None or a == b for a, b in zip(ids, mine)):
            return quirks
    return {}


def xhci(vendor, device, subsystem):
    """The dict for a controller, empty for most."""
    return _find(_XHCI, vendor, device, subsystem)


# leave: attached only when asked for.
_EHCI = (
    # reference §7: never a device, and its reset may reset the xHCI controller, too
    ((0x8086, 0x265C, 0x1AB8), {"leave": True}),
)


def ehci(vendor, device, subsystem):
    """The dict for a controller, empty for most."""
    return _find(_EHCI, vendor, device, subsystem)


_PARALLELS = const(0x203A)  # reference §6.5: what Linux does is what works there
_REPORTS_AHEAD = const(4)


def reports_ahead(vendor):
    """How many interrupt transfers wait for a HID device's reports at once."""
    return 1 if vendor == _PARALLELS else _REPORTS_AHEAD


def report_protocol(vendor):
    """Whether a HID device is told to speak the report protocol, which it should anyway."""
    return vendor != _PARALLELS
