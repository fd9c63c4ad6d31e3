"""What Linux boots into: an archive of files, and the modules that a machine needs, in order."""

import stat
from collections.abc import Iterable
from pathlib import Path

from .packages import NoPeer

Entry = tuple[str, int, bytes]  # path, st_mode, contents or the target of a link


def newc(entries: Iterable[Entry]) -> bytes:
    """A cpio archive as the kernel reads it (initramfs buffer format)."""
    out = bytearray()
    for name, mode, data in (*entries, ("TRAILER!!!", 0, b"")):
        fields = [0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
        out += b"070701" + b"".join(b"%08X" % field for field in fields)
        for piece in (name.encode() + b"\0", data):
            out += piece
            out += bytes(-len(out) % 4)
    return bytes(out)


def directory(name: str) -> Entry:
    """An empty folder."""
    return name, stat.S_IFDIR | 0o755, b""


def program(name: str, data: bytes) -> Entry:
    """A file that can be run."""
    return name, stat.S_IFREG | 0o755, data


def needs(module: bytes) -> list[str]:
    """Names that a module's `.modinfo` says it depends on."""
    start = module.find(b"\0depends=")
    if start < 0:
        return []
    words = module[start + 9 : module.index(b"\0", start + 9)].decode()
    return [name for name in words.split(",") if name]


def ordered(modules: Path, names: Iterable[str]) -> list[Path]:
    """These modules and what they depend on, each after what it needs.  Raises NoPeer."""
    files = {path.stem.replace("-", "_"): path for path in modules.rglob("*.ko")}
    order: dict[str, Path] = {}

    def add(name: str) -> None:
        name = name.replace("-", "_")
        if name in order:
            return
        if name not in files:
            raise NoPeer(f"the kernel has no module {name}")
        for other in needs(files[name].read_bytes()):
            add(other)
        order[name] = files[name]

    for name in names:
        add(name)
    return list(order.values())
