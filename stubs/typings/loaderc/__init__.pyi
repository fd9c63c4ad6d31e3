"""Inner loops of the serial loader: docs/reference/loaderc.md."""

from _typeshed import ReadableBuffer
from collections.abc import Callable

class md5:
    """An MD5 sum."""

    def __init__(self) -> None: ...
    def update(self, buf: ReadableBuffer, /) -> None: ...
    def digest(self) -> bytes:
        """16 bytes of what came so far."""

class Feed:
    """A stream over pieces: more() gives the next one, an empty one at the end."""

    def __init__(self, more: Callable[[], ReadableBuffer], /) -> None: ...
    def read(self, n: int = -1, /) -> bytes: ...
