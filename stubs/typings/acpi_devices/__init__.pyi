# Made by `inv stubs` from frozen/bus/acpi_devices.py: do not edit.
"""A device of the ACPI namespace: who it is, where it is, what it interrupts (ACPI 6.5 §6)."""

from _typeshed import Incomplete

class Device:
    """One Device().  Attributes are decoded when read; one that is absent is None or empty.

    What has to be executed is absent, too: .skipped names it.  .refused lists (name, why) of what
    was bad AML when it was read.
    """

    node: Incomplete
    refused: list[tuple[str, str]]
    def __init__(self, space: Incomplete, node: Incomplete) -> None: ...
    def __repr__(self) -> str: ...
    @property
    def path(self) -> str:
        """'\\\\_SB.PCI0'."""
    def value(self, name: str, default: Incomplete | None = None) -> Incomplete:
        """Value of a name or constant method of this device: int, str, bytes, list or Ref.

        default: what an absent one gives, one that has to be executed, and one that is bad.
        """
    @property
    def skipped(self) -> list[str]:
        """Names of the methods of this device that have to be executed, sorted."""
    @property
    def hid(self) -> str | None:
        """_HID as text: 'PNP0A08' (§6.1.5)."""
    @property
    def cids(self) -> tuple[str, ...]:
        """All of _CID, a tuple of texts (§6.1.2)."""
    @property
    def cid(self) -> str | None:
        """The first of _CID."""
    def matches(self, name: str) -> bool:
        """Whether name is its _HID or one of its _CID."""
    @property
    def uid(self) -> int | str | None:
        """_UID, int or str (§6.1.12)."""
    @property
    def adr(self) -> int | None:
        """_ADR (§6.1.1)."""
    @property
    def sta(self) -> int | None:
        """_STA; 15 without one; None where it has to be executed (§6.3.7)."""
    @property
    def cca(self) -> int | None:
        """_CCA of this device or the nearest above it that has one (§6.2.17)."""
    @property
    def cls(self) -> tuple[int, ...] | None:
        """_CLS: PCI's class code, (class, subclass, interface) (§6.1.3)."""
    def resources(self, name: str = "_CRS") -> list[dict[str, Incomplete]]:
        """Descriptors of _CRS (or another template): list of dicts, see aml_resources.decode."""
    @property
    def crs(self) -> list[dict[str, Incomplete]]:
        """resources() of _CRS, decoded once."""
    @property
    def memory(self) -> list[tuple[int, int]]:
        """[(base, bytes), …] that the device itself answers at."""
    @property
    def irqs(self) -> list[tuple[int, str, str]]:
        """[(INTID, 'level' or 'edge', 'high' or 'low'), …]."""
    @property
    def windows(self) -> list[tuple[str, int, int, int, int, bool]]:
        """Address ranges that a bus hands on, and those of the device that are written this way.

        [(kind 'mem', 'io' or 'bus', first and last address on the bus, what is added to get the
        CPU's address, 16, 32 or 64, prefetchable), …].
        """
    @property
    def prt(self) -> list[tuple[int, int, str, int | None]]:
        """Interrupt routing of a PCI bus (§6.2.13): [(address, pin 0-3, source, INTID), …].

        source: path of the link device ('' where the INTID is wired); its INTID is that of its
        _CRS, else the first that _PRS offers; None where neither says.
        """
