# Made by `inv stubs` from frozen/usb/ehci_devices.py: do not edit.
"""Devices as an EHCI controller's driver knows them: addresses and endpoints.

Not done: isochronous endpoints, which are refused.
"""

from _typeshed import Incomplete
from collections.abc import Iterator

class Data:
    """One device's.  pipes: by endpoint address.  multi: a hub with a translator for each port."""

    address: int
    pipes: dict[Incomplete, Incomplete]
    multi: bool
    def __init__(self) -> None: ...

class Devices:
    """The generators that a host controller driver owes the core.

    host: the Controller: memory, schedule, mender, died(), pipes.
    """

    used: dict[Incomplete, Incomplete]
    def __init__(self, host: Incomplete) -> None: ...
    def drop(self, pipe: Incomplete, number: Incomplete) -> None:
        """Hardware has it no more: transfers end, memory goes."""
    def attach(self, device: Incomplete) -> Iterator[Incomplete]:
        """Generator: an address for a device on an enabled port; nobody else has none."""
    def detach(self, device: Incomplete) -> Iterator[Incomplete]:
        """Generator: give its address back; what is under way on it ends with -ENODEV."""
    def packet_size(self, device: Incomplete, size: Incomplete) -> Iterator[Incomplete]:
        """Generator: the default pipe's packet size is another."""
    def as_hub(
        self, device: Incomplete, ports: Incomplete, multi_tt: Incomplete, think_time: Incomplete
    ) -> Iterator[Incomplete]:
        """Generator: the device is a hub."""
    def configure(
        self, device: Incomplete, endpoints: Incomplete, then: Incomplete = ...
    ) -> Iterator[Incomplete]:
        """Generator: these endpoints and no others, besides the default one.

        One that stays, stays as it is.  then: a generator, done before anything comes from the
        others.  Raises OSError: EOPNOTSUPP an isochronous one, ENOSPC no bus time, ENOMEM, EBUSY
        in a callback of who mends one that goes.
        """
    def reset_endpoint(
        self, endpoint: Incomplete, first: Incomplete = ...
    ) -> Iterator[Incomplete]:
        """Generator: the endpoint starts anew, its toggle at 0; what was queued is cancelled.

        first: a generator that makes the device's so, too, while nothing goes either way.
        """
    def drain(self, endpoint: Incomplete) -> Iterator[Incomplete]:
        """Generator: cancel all that is under way on an endpoint and wait for its end."""
