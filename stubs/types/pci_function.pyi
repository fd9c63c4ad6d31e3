from collections.abc import Callable
from irq import Line
from mmio import Regs
from pci_bars import Bar, Window
from pci_caps import Capability
from pci_host import Host
from pci_irq import Interrupt

class Function:
    host: Host
    bus: int
    dev: int
    fn: int
    parent: Function | None
    cfg: Regs
    vendor: int
    device: int
    rev: int
    class_: int
    header: int
    children: list[Function]
    bars: list[Bar] | None
    windows: list[Window]
    def __init__(
        self, host: Host, bus: int, dev: int, fn: int, parent: Function | None = None
    ) -> None: ...
    def same(self, other: Function) -> bool: ...
    @property
    def address(self) -> int: ...
    @property
    def requester(self) -> int: ...
    @property
    def subsystem(self) -> tuple[int, int]: ...
    def capabilities(self) -> list[Capability]: ...
    def capability(self, id: int, extended: bool = False) -> Capability | None: ...
    def bar_of(self, index: int) -> Bar: ...
    def bar(self, index: int, width: int = 32) -> Regs: ...
    def enable(
        self, memory: bool | None = True, master: bool | None = True, io: bool | None = None
    ) -> Function: ...
    @property
    def pin(self) -> int: ...
    @property
    def intid(self) -> int | None: ...
    def irq(
        self,
        handler: Callable[[Line], object],
        vector: int = 0,
        hard: bool = False,
        name: str | None = None,
    ) -> Line: ...
    def interrupts(self, count: int = 8, kinds: tuple[str, ...] = ...) -> Interrupt: ...
