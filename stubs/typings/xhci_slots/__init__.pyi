# Made by `inv stubs` from frozen/usb/xhci_slots.py: do not edit.
"""Devices as an xHCI controller knows them: slots, their endpoints' rings, and mending these.

xHCI 1.2 §4.3, §4.6, §4.10.2.  Not done: isochronous endpoints and streams, which are refused.
"""

from _typeshed import Incomplete
from collections.abc import Iterator

class Slots:
    """The generators that a host controller driver owes the core.

    host: the Controller: name, events, ring, caps, log(), mender, dcbaa(), died(), take(),
    pending().
    """

    used: dict[Incomplete, Incomplete]
    def __init__(self, host: Incomplete) -> None: ...
    def attach(self, device: Incomplete) -> Iterator[Incomplete]:
        """Generator: a slot and an address for a device on an enabled port."""
    def reset_device(self, device: Incomplete) -> Iterator[Incomplete]:
        """Generator: after a reset of its port, the same device gets its address again.

        Its endpoints but the default one are gone: configure() them again (§4.6.11).
        """
    def detach(self, device: Incomplete) -> Iterator[Incomplete]:
        """Generator: give the slot back; what is under way on it ends with -ENODEV."""
    def forget(self, slot: Incomplete) -> None:
        """The controller has no use for the slot any more: transfers end, memory goes."""
    def packet_size(self, device: Incomplete, size: Incomplete) -> Iterator[Incomplete]:
        """Generator: the default pipe's packet size is another (§4.6.7)."""
    def as_hub(
        self, device: Incomplete, ports: Incomplete, multi_tt: Incomplete, think_time: Incomplete
    ) -> Iterator[Incomplete]:
        """Generator: tell the controller that the device is a hub (§4.6.6)."""
    def configure(
        self, device: Incomplete, endpoints: Incomplete, then: Incomplete = ...
    ) -> Iterator[Incomplete]:
        """Generator: these endpoints and no others, besides the default one.

        Those that are configured already go on: an endpoint that is added has toggle or sequence
        number 0, and the device's would not (§4.6.6).  Never by DC=1, which Parallels does not
        answer (observed); what was is dropped instead.  then: a generator, done before anything
        comes from those added.  Raises OSError(EOPNOTSUPP): an isochronous one.
        """
    def reset_endpoint(
        self, endpoint: Incomplete, first: Incomplete = ...
    ) -> Iterator[Incomplete]:
        """Generator: the endpoint starts anew, sequence number or toggle at 0 (§4.6.8).

        first: a generator that makes the device's so, too, while nothing goes either way.
        """
