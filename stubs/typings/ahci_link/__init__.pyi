# Made by `inv stubs` from frozen/blk/ahci_link.py: do not edit.
"""One port's engine and link: start, stop, reset, what is plugged in (AHCI 1.3.1 §3.3, §10)."""

from _typeshed import Incomplete

PORT_BYTES: int
MEMORY_BYTES: int
SIGNATURES: dict[Incomplete, Incomplete]

class Link:
    """regs: mmio.Regs of the port.  memory: where command list, received FISes and tables go.

    clock: the module time.
    clo: the HBA can override a busy device (CAP.SCLO).
    """

    clock: Incomplete
    def __init__(
        self, regs: Incomplete, memory: Incomplete, clock: Incomplete, clo: bool = False
    ) -> None: ...
    def stop(self) -> None:
        """Stop commands, then receiving; interrupts off.  Raises OSError(ETIMEDOUT)."""
    def end(self) -> None:
        """As stop(), by a reset of the link where it takes one (§10.4.2)."""
    def stopped(self) -> bool:
        """Whether the engine takes no commands, and has ended."""
    def prepare(self) -> None:
        """Power, spin up, give the port its memory and let it receive.  The engine is stopped."""
    def clear(self) -> None:
        """Forget errors and events."""
    def spun_up(self) -> bool:
        """Whether the port was started before: by firmware, or by us."""
    def present(self) -> bool:
        """Whether something is plugged in and talks."""
    def detect(self, fresh: Incomplete) -> Incomplete:
        """Wait until a device that is there talks; False: there is none.

        fresh: the link has just been powered or reset, a device has yet to answer.
        """
    def ready(self, timeout_us: int = 10000000) -> bool:
        """Wait until the device is not busy; False when it stays so, or goes.

        The first FIS of a device puts its status and signature into the registers.
        """
    def comreset(self) -> Incomplete:
        """Reset the link (§10.4.2); whether a device talks then.  The engine is stopped."""
    def override(self) -> Incomplete:
        """Make a busy device look idle (§10.4.1); False where the HBA cannot."""
    def busy(self) -> bool:
        """Whether the device is, by PxTFD."""
    def start(self, atapi: bool = False) -> None:
        """Take commands, interrupts on.  Raises OSError(EIO) when the device is not ready."""
    def received(self, at: Incomplete) -> bytes:
        """20 bytes of the FIS received at offset `at`: 0x20 PIO setup, 0x40 D2H, 0x58 set bits."""
    def watch(self) -> None:
        """Of an empty port: interrupt when something is plugged in.  The engine is stopped."""
    def signature(self) -> Incomplete:
        """What PxSIG says is there: a text of SIGNATURES, or the number in hex."""
    def speed(self) -> Incomplete:
        """Generation of the link as negotiated: 1 to 3, 0 for none."""
    def bring_up(self, fresh: Incomplete) -> Incomplete:
        """From whatever state to a device that is ready: its kind, or None where there is none.

        fresh: the controller was reset or never started.  Raises OSError(ETIMEDOUT, EIO).
        """
