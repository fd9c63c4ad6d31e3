"""What this prlctl can do, read from its own help: versions spell options differently."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .ctl import Prlctl

# Where versions keep the options of `set`: all in one, by category, by device.
_PAGES = (
    ("set", "--help"),
    ("set", "device_mgmt", "--help"),
    ("set", "--device-add-serial", "--help"),
    ("set", "boot", "--help"),
    ("set", "startup", "--help"),
    ("set", "video", "--help"),
    ("--help",),
)
_OPTION = re.compile(r"--[a-z0-9][a-z0-9-]*")
_SERIAL = re.compile(r"--device-add[ -]serial\b(.*?)(?=\n\s*--device-|\Z)", re.S)
_MODE = re.compile(r"(--[a-z-]*mode)[ =]*[<{\[(]?\s*([a-z |,]*)", re.S)


@dataclass(frozen=True)
class Socket:
    """How a serial port becomes a Unix socket that Parallels listens on.

    mode: what says that, () or two words.
    """

    option: str
    mode: tuple[str, ...]

    def words(self, path: str) -> list[str]:
        return [self.option, path, *self.mode]


def socket_of(text: str) -> Socket | None:
    """How help spells the socket of a serial port, None where it knows of none."""
    for section in _SERIAL.findall(text):
        names = [n for n in _OPTION.findall(section) if "socket" in n and "mode" not in n]
        plain = [n for n in names if not re.search(r"tcp|udp", n)]
        if not plain:
            continue
        after = section[section.index(plain[0]) :]
        mode: tuple[str, ...] = ()
        if found := _MODE.search(after):
            values = re.findall(r"[a-z]+", found[2])
            server = next((v for v in values if v.startswith("serv")), "server")
            mode = (found[1], server)
        return Socket(plain[0], mode)
    return None


# As its maker's own reference has it, for a prlctl whose help tells nothing of serial ports.
BELIEVED = Socket("--socket", ("--socket-mode", "server"))


class Usage:
    """The help of one prlctl; each page is asked for once, and only when it is needed."""

    def __init__(self, prlctl: Prlctl):
        self._prlctl = prlctl
        self._read: dict[tuple[str, ...], str] = {}

    def _page(self, words: tuple[str, ...]) -> str:
        if words not in self._read:
            done = self._prlctl.ask(*words, timeout=30)
            self._read[words] = f"{done.stdout}\n{done.stderr}"
        return self._read[words]

    def pages(self) -> Iterator[str]:
        """All pages; for one that it does not have it gives an error, or another one again."""
        return map(self._page, _PAGES)

    def has(self, option: str) -> bool:
        """Whether help names this option or action."""
        word = re.compile(rf"(?<![\w-]){re.escape(option)}(?![\w-])")
        pages = _PAGES if option.startswith("--") else reversed(_PAGES)  # actions are on the last
        return any(word.search(self._page(page)) for page in pages)

    def values(self, option: str) -> list[str]:
        """The words that help offers for an option, [] where it names none."""
        offer = re.compile(rf"(?<![\w-]){re.escape(option)}[ =]+[<{{\[(]([^>}}\])]*)")
        found = next(filter(None, map(offer.search, self.pages())), None)
        return re.findall(r"[\w-]+", found[1]) if found else []

    @property
    def socket(self) -> Socket | None:
        """How a serial port becomes a socket; None where help tells of serial ports without."""
        if found := next(filter(None, map(socket_of, self.pages())), None):
            return found
        told = any("--output" in each for page in self.pages() for each in _SERIAL.findall(page))
        return None if told else BELIEVED
