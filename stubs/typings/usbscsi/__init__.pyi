# Made by `inv stubs` from frozen/usb/usbscsi.py: do not edit.
"""SCSI units behind a USB transport: what a disk driver asks of them (SPC-4, SBC-3)."""

from _typeshed import Incomplete
from collections.abc import Iterator

def sense_of(raw: Incomplete) -> Incomplete:
    """(key, code, qualifier) of sense data, fixed or by descriptors (SPC-4 §4.5)."""

def is_deferred(raw: Incomplete) -> bool:
    """Whether sense data are of an earlier command; this one was not done (SPC-4 §4.5.5)."""

def text_of(raw: Incomplete) -> Incomplete:
    """What an INQUIRY has as text."""

class Unit:
    """A logical unit.  bot: its transport.

    kind: "disk", "CD" or None: neither.  vendor, product, revision.
    blocks, block_size: of the medium; 0 without one.  read_only.
    sense: (key, code, qualifier) that the last command failed with; why: the same for the log, or
    how the transport failed.
    """

    bot: Incomplete
    lun: Incomplete
    kind: Incomplete | None
    vendor: Incomplete
    product: Incomplete
    revision: Incomplete
    removable: bool
    read_only: bool
    blocks: Incomplete
    block_size: Incomplete
    sense: Incomplete
    on_gone: Incomplete | None
    why: Incomplete
    def __init__(self, bot: Incomplete, lun: Incomplete) -> None: ...
    def identify(self) -> Iterator[Incomplete]:
        """Generator: INQUIRY.  Raises OSError, ValueError: nothing that we know."""
    def look(self) -> Iterator[Incomplete]:
        """Generator: what medium there is; whether there is one.  Raises OSError."""
    def move(
        self,
        write: Incomplete,
        lba: Incomplete,
        count: Incomplete,
        buffer: Incomplete,
        offset: Incomplete,
    ) -> Iterator[Incomplete]:
        """Generator: read or write blocks; 0 or -errno."""
    def flush(self) -> Iterator[Incomplete]:
        """Generator: what was written is on the medium; 0, also without a cache, or -errno."""
    def command(
        self,
        cdb: Incomplete,
        length: int = 0,
        is_in: bool = True,
        buffer: Incomplete | None = None,
        offset: int = 0,
        limit_ms: int = 30000,
    ) -> Iterator[Incomplete]:
        """Generator: a command, again where that may help; 0 or -errno.

        Without a buffer the answer is in bot.small.  Raises OSError only when nothing can come of
        the device any more.
        """
