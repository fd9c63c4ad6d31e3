"""Scripted USB devices (tests/sim/usb_*.py) on QEMU's own controllers, over its `usb-redir`.

packets is the usbredir protocol (usbredir's docs/usb-redirection-protocol.md, version 0.7),
endpoints what its packets say of a device, session what goes on over one connection, server the
thread in which it does.
"""

from .packets import ProtocolError
from .server import Server

__all__ = ["ProtocolError", "Server"]
