"""Interrupt lines and messages: docs/reference/irq.md."""

from collections.abc import Callable
from typing import Literal, NamedTuple, Self, TypedDict, final, type_check_only

LEVEL: int
EDGE: int

@final
class Held:
    """A callable that raises nothing: Ctrl-C waits for its end, up to 1.5 s; -EINTR, -EIO."""

    def __init__(self, function: Callable[..., int], /) -> None: ...
    def __call__(self, *args: object) -> int: ...

@final
class Line:
    """One interrupt that is taken.  A context manager: leaving frees it."""

    @property
    def intid(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def handler(self) -> Callable[[Line], object]: ...
    @property
    def hard(self) -> bool: ...
    @property
    def trigger(self) -> int | None: ...
    @property
    def enabled(self) -> bool | None: ...
    @property
    def count(self) -> int | None:
        """Times taken since the request."""
    @property
    def last_us(self) -> int | None:
        """When it came last, on the clock of time.ticks_us()."""
    @property
    def state(self) -> str | None:
        """ "ok", or why it is masked: "storm", "raised", "unhandled"."""
    @property
    def priority(self) -> int | None:
        """As the controller has it; 0 is the most urgent."""
    def enable(self) -> None:
        """Let it come; also after it was masked for its state."""
    def disable(self) -> None:
        """Mask it.  The controller keeps what comes meanwhile."""
    def pend(self) -> None:
        """Make it pending from software."""
    def free(self) -> None:
        """Mask it and let go.  Raises OSError(EBUSY) while its handler runs or is queued."""
    def __enter__(self) -> Self: ...
    def __exit__(self, kind: object, value: object, where: object, /) -> None: ...

@final
class Vectors:
    """Messages of one device.  A context manager: leaving frees them."""

    @property
    def kind(self) -> Literal["v2m", "its"]: ...
    @property
    def device(self) -> int: ...
    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> tuple[int, int, int]:
        """(address, data, intid): what the device must write where."""
    def request(
        self,
        index: int,
        handler: Callable[[Line], object],
        hard: bool = False,
        priority: int | None = None,
        name: str | None = None,
        *,
        enable: bool = True,
    ) -> Line:
        """Take one, as irq.request() does.  Always edge."""
    def free(self) -> None:
        """Free the lines, too.  Raises OSError(EBUSY) as Line.free()."""
    def __enter__(self) -> Self: ...
    def __exit__(self, kind: object, value: object, where: object, /) -> None: ...

@type_check_only
class _Stat(NamedTuple):
    intid: int
    kind: str
    name: str | None
    count: int  # type: ignore[assignment]  # tuple.count is not to be had
    state: str
    last_us: int | None
    trigger: str
    enabled: bool

@type_check_only
class _Info(TypedDict):
    version: int
    gicd: int
    lines: int
    priority_bits: int
    python_lines: int
    msi: Literal["v2m", "its"] | None
    msi_total: int
    msi_used: int
    spurious: int
    busy_us: int

def request(
    intid: int,
    handler: Callable[[Line], object],
    trigger: int = ...,
    *,
    hard: bool = False,
    priority: int | None = None,
    name: str | None = None,
    enable: bool = True,
) -> Line:
    """Take a line; handler(line) is called for each interrupt.

    hard: in interrupt context, where nothing may be allocated.  priority: 0 to 0xef.
    Raises ValueError (no such line), OSError(EBUSY) (taken), OSError(ENODEV) (no controller).
    """

def msi(count: int = 1, device: int = 0) -> Vectors:
    """`count` message interrupts in a row.  device: the PCI requester id, for an ITS.

    Raises ValueError, OSError(ENODEV), OSError(ENOSPC), OSError(ENOMEM).
    """

def stats() -> list[_Stat]:
    """Of each interrupt that came or has a handler."""

def info() -> _Info:
    """The controller and what is taken."""
