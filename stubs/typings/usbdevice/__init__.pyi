# Made by `inv stubs` from frozen/usb/usbdevice.py: do not edit.
"""A USB device and its interfaces, and the requests that every device understands."""

from _typeshed import Incomplete
from collections.abc import Iterator
from usbendpoint import Endpoint
from usbwait import Lock

class Interface:
    """One interface of the active configuration, in its current alternate setting.

    settings: usbdesc.Setting for each alternate.  association: usbdesc.Association or None.
    number, alternate, class_, subclass, protocol, name_index; endpoints: list of Endpoint; extra:
    class-specific descriptors, raw.  driver: what a class driver's factory gave, or None.
    """

    device: Incomplete
    settings: Incomplete
    association: Incomplete
    driver: Incomplete | None
    claimed: bool
    number: Incomplete
    endpoints: Incomplete
    alternate: Incomplete
    class_: Incomplete
    subclass: Incomplete
    protocol: Incomplete
    name_index: Incomplete
    extra: Incomplete
    def __init__(
        self, device: Incomplete, settings: Incomplete, association: Incomplete | None = None
    ) -> None: ...
    def endpoint(self, kind: Incomplete, is_in: Incomplete) -> Incomplete:
        """The first Endpoint of that kind and direction, or None."""
    def select(self, alternate: Incomplete) -> Iterator[Incomplete]:
        """Generator: switch to an alternate setting, also to the one that it has.

        Its endpoints are others then and begin anew on both sides (USB 2.0 §9.1.1.5).
        Raises OSError: all is as before; EINVAL: there is none.
        """
    def __repr__(self) -> str: ...

class Device:
    """A device on a bus.  What it says of itself is None or empty until it was asked.

    hcd: the controller driver.  parent: the hub's Device, None at the root.  hub, port: where it
    is plugged in.  root, root_port: the same for the first hub on the way.  route: xHCI's route
    string.  depth: hubs between.  tt: (hub's Device, port) that translates for it, or None.
    speed: as usbport.SPEEDS.  address.  descriptor: usbdesc.DeviceDescriptor.  configs: list of
    usbdesc.Configuration; config: the active one.  interfaces.  endpoints: {address: Endpoint} in
    use.  strings: {index: str}.  bos: bytes.  gone: unplugged.  hcd_data: the controller driver's.
    """

    bus: Incomplete
    hcd: Incomplete
    hub: Incomplete
    port: Incomplete
    speed: Incomplete
    parent: Incomplete
    address: int
    gone: bool
    known: bool
    descriptor: Incomplete | None
    config: Incomplete | None
    bos: Incomplete | None
    language: Incomplete | None
    tt: Incomplete | None
    configs: list[Incomplete]
    interfaces: list[Incomplete]
    endpoints: dict[Incomplete, Incomplete]
    strings: dict[Incomplete, Incomplete]
    ports: Incomplete | None
    binding: Lock
    quirks: int
    hcd_data: Incomplete | None
    ep0: Endpoint
    root: Incomplete
    root_port: Incomplete
    route: Incomplete
    depth: Incomplete
    def __init__(
        self,
        bus: Incomplete,
        hub: Incomplete,
        port: Incomplete,
        speed: Incomplete,
        parent: Incomplete | None = None,
    ) -> None: ...
    @property
    def name(self) -> str:
        """Its place: bus and ports on the way, as Linux names them, "1-2.4"."""
    @property
    def id(self) -> str:
        """'203a:fffb', or '' as long as nobody knows."""
    def __str__(self) -> str: ...
    def __repr__(self) -> str: ...
    def request(
        self,
        type: Incomplete,
        request: Incomplete,
        value: int = 0,
        index: int = 0,
        data: int = 0,
        limit_ms: int = 5000,
    ) -> Iterator[Incomplete]:
        """Generator: one control request.  data: how much to read, or what to write.

        Gives bytes, as many as came, or how many went.  Raises OSError: EPIPE refused, ETIMEDOUT,
        EOVERFLOW, EPROTO, ENODEV.  The default pipe works again after it.
        """
    def control(
        self,
        type: Incomplete,
        request: Incomplete,
        value: int = 0,
        index: int = 0,
        data: int = 0,
        limit_ms: int = 5000,
    ) -> Incomplete:
        """request(), to its end here."""
    def served(self) -> list[Incomplete]:
        """The endpoints that the controller is to know: all but the isochronous ones."""
    def seen(self, status: Incomplete) -> Incomplete:
        """Its port is like that, usbport's bits; whether it is unplugged."""
    def left(self) -> Iterator[Incomplete]:
        """Generator: whether it is unplugged; its port is asked, whose hub tells of it late."""
    def vanish(self) -> None:
        """It is gone, and all behind it: nothing waits for its answers any more."""
    def release(self) -> None:
        """Give memory back.  By the bus, once the controller has let go of the device."""
