# Made by `inv stubs` from frozen/system/loader.py: do not edit.
"""Takes disk images and firmware over the serial line: esptool's protocol, with our own chip id.

machine.bootloader() runs it.  The line is the protocol's alone until a client says RUN_USER_CODE
or a person presses Ctrl-C three times.
"""

from _typeshed import Incomplete

CHIP_ID: int

class Loader:
    """Serves one line.

    line: read(ms) -> bytes, b"" after that time; write(bytes).  media: [Medium, …].  memory:
    read32(at), write32(at, value), write(at, data), which raise OSError.  boot: load(elf), which
    raises ValueError with the reason, and start(), which does not return.
    """
    def __init__(
        self, line: Incomplete, media: Incomplete, memory: Incomplete, boot: Incomplete
    ) -> None: ...
    def run(self) -> None:
        """Serve until the client leaves."""

def media() -> list[Incomplete]:
    """[Medium, …]: each disk and its partitions, everything unmounted before."""

def run(*_: Incomplete) -> None:
    """Serve the console's line; machine.bootloader() calls this."""
