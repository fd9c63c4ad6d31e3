# Made by `inv stubs` from frozen/usb/usbpipe.py: do not edit.
"""A bulk or interrupt endpoint with transfers of its own, mended when they fail."""

from _typeshed import Incomplete
from collections.abc import Iterator
from irq import Held
from usbendpoint import Transfer

class Piece(Transfer):
    """A transfer with its part of the pipe's memory.  end: bytes that wait in it to be read."""

    offset: Incomplete
    length: Incomplete
    limit_ms: Incomplete | None
    view: Incomplete
    end: int
    def __init__(
        self,
        endpoint: Incomplete,
        memory: Incomplete,
        offset: Incomplete,
        size: Incomplete,
        callback: Incomplete,
    ) -> None: ...

class Pipe:
    """count transfers of `size` bytes.  IN: all that hold nothing to be read are under way.

    done(piece): called softly when one has ended well.  send(piece): 0 or -errno.  again(piece):
    have it read once more; later, where it is being mended.  open: whether it is.  errors: stalls
    and the like so far.  lost: errno of the last one, until somebody takes it back.  error: errno
    for which it was given up, until it is opened again.
    """

    endpoint: Incomplete
    pieces: list[Piece] | tuple[Incomplete, ...]
    open: bool
    errors: int
    lost: Incomplete
    error: Incomplete
    again: Held
    send: Held
    def __init__(
        self, endpoint: Incomplete, count: Incomplete, size: Incomplete, done: Incomplete
    ) -> None: ...
    def begin(self) -> Iterator[Incomplete]:
        """Generator: open it.  Raises OSError."""
    def close(self) -> Iterator[Incomplete]:
        """Generator: nothing is under way any more, or the memory is given up.

        Raises nothing but KeyboardInterrupt; to be done again then.
        """
    def busy(self) -> bool:
        """Whether a transfer is under way."""
    def free(self) -> Incomplete:
        """A piece that is not under way, or None: all are, or it is being mended."""
