# Made by `inv stubs` from frozen/usb/xhci_contexts.py: do not edit.
"""Device and input contexts in memory, 32 or 64 bytes each (xHCI 1.2 §6.2)."""

from _typeshed import Incomplete

CONTROL: str
BULK: str
INTERRUPT: str
DISABLED: int
RUNNING: int
HALTED: int
STOPPED: int
ERROR: int

def dci(address: Incomplete) -> Incomplete:
    """Device context index of an endpoint address (§4.5.1); 0 and 0x80 are the control one."""

def interval(endpoint: Incomplete, speed: Incomplete) -> Incomplete:
    """Exponent of the period in units of 125 µs (§6.2.3.6)."""

def endpoint_words(
    endpoint: Incomplete, speed: Incomplete, pointer: Incomplete
) -> tuple[Incomplete, Incomplete, Incomplete, Incomplete, Incomplete]:
    """The five dwords of an endpoint context (§6.2.3).  pointer: of its ring, | DCS."""

class Contexts:
    """One slot's.  stride: bytes of a context.  output: what the controller writes."""

    output: Incomplete
    input: Incomplete
    def __init__(self, stride: Incomplete) -> None: ...
    def free(self) -> None:
        """Give the memory back: the slot is disabled."""
    def state(self, index: Incomplete) -> Incomplete:
        """An endpoint's state as the controller last wrote it."""
    def address(self) -> Incomplete:
        """The device's address on the bus."""
    def begin(self, add: Incomplete, drop: int = 0) -> None:
        """Start a fresh input context: flags by context index, the slot context as it stands."""
    def entries(self, last: Incomplete) -> None:
        """Context Entries: the index of the last context that is valid."""
    def hub(self, ports: Incomplete, multi_tt: Incomplete, think_time: Incomplete) -> None:
        """Make the slot context say that the device is a hub (§4.6.7, §6.2.2)."""
    def slot(
        self,
        route: Incomplete,
        speed_id: Incomplete,
        port: Incomplete,
        tt_slot: int = 0,
        tt_port: int = 0,
        multi_tt: bool = False,
    ) -> None:
        """The slot context of a new device: one entry (§6.2.2)."""
    def endpoint(self, index: Incomplete, words: Incomplete) -> None:
        """Endpoint context: words of endpoint_words()."""

def speed_id(speed: Incomplete) -> Incomplete:
    """The default number of a speed (§7.2.2.1.1)."""
