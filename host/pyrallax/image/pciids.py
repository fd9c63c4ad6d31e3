"""Names of PCI vendors, devices and classes for the firmware: the part of pci.ids that fits.

    python -m pyrallax.image.pciids OUT.py [PCI.IDS]

Writes a module with one bytes object, frozen/bus/pci_ids.py reads it.  All classes and the names
around virtual machines come first, then vendors and devices in the order of _WANTED, up to _LIMIT.
Names are compressed by byte pairs: a byte from 0x80 stands for two others.
"""

import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from ..failure import guarded

_LIMIT = 64 * 1024
_PLACES = (
    "/usr/share/misc/pci.ids",
    "/usr/share/hwdata/pci.ids",
    "/opt/homebrew/share/pci.ids.gz",
    "/opt/homebrew/opt/pciutils/share/pci.ids.gz",
    "/usr/local/opt/pciutils/share/pci.ids.gz",
)
# (vendor, which of its devices by name), in order of worth.
_WANTED = [
    ("1af4 1b36 1234 1ab8 15ad 80ee 106b 1d0f 1414 5853 1ae0 1d1d", ""),
    ("8086", r"82371|82801[FGHI]|ICH[69]|8254[05]|82574|82576|82599|82540|HD Audio|82441|29c0"),
    ("8086", r"Virtual Function|82G33|Q35|QEMU|NVMe|Optane|I350|X710|I21\d|I22\d"),
    ("1033 1912 1b21 1b73 1106", r"USB|xHC"),
    ("10ec 1022 1000 1013 1274 1217 104c", r"RTL-?81|PCnet|53c|SAS|GD 5446|ES137|XIO|PCI445|SD"),
    ("144d 15b7 1c5c 1e0f 1cc1 1987 126f c0a9 2646 1344 1179 1bb1 1e49", r"NVMe|SSD"),
    ("15b3 14e4 1077 19e5 1dd8 1924 1fc9 177d", r"Virtual|ConnectX|NetXtreme|Ethernet|NVMe"),
    ("10de 1002", r"Quadro|Tesla|Radeon RX|GeForce RTX"),
    ("8086", r"USB|SATA|Ethernet|Audio|NVM"),
]


def find_ids() -> Path:
    """The pci.ids of this machine.  Raises FileNotFoundError."""
    for place in _PLACES:
        if Path(place).is_file():
            return Path(place)
    raise FileNotFoundError("no pci.ids on this machine: run `make setup` (package pci.ids)")


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore")
    return folded.decode()[:255]


class Ids:
    """A pci.ids file read: vendors, devices, subsystems and classes by their key's bytes."""

    def __init__(self, text: str):
        self.vendors: dict[bytes, str] = {}
        self.devices: dict[bytes, str] = {}
        self.subsystems: dict[bytes, str] = {}
        self.classes: dict[bytes, str] = {}
        where = b""
        in_class = False
        for line in text.splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            depth = len(line) - len(line.lstrip("\t"))
            if depth == 0:
                in_class = line.startswith("C ")
                if not in_class and not re.match(r"[0-9a-f]{4} ", line):
                    where = b"?"
                    continue
            key, _, name = line.removeprefix("C ").strip().partition("  ")
            if where == b"?" and depth:
                continue
            part = bytes.fromhex(key.replace(" ", ""))
            width = 1 if in_class else 2
            where = where[: width * min(depth, 2)] + part
            table = self._table(in_class, depth)
            table[where] = _plain(name)

    def _table(self, in_class: bool, depth: int) -> dict[bytes, str]:
        if in_class:
            return self.classes
        return (self.vendors, self.devices, self.subsystems)[depth]


def pairs(names: Iterable[str], count: int = 128) -> list[bytes]:
    """The byte pairs that shorten these names best; pair n is written as byte 0x80 + n."""
    words: Counter[tuple[int, ...]] = Counter()
    for name in names:
        for word in re.findall(r" ?[^ ]+", name):
            words[tuple(word.encode())] += 1
    found: list[bytes] = []
    for code in range(0x80, 0x80 + count):
        seen: Counter[tuple[int, int]] = Counter()
        for word, times in words.items():
            for pair in pairwise(word):
                seen[pair] += times
        if not seen:
            break
        best = max(sorted(seen), key=lambda pair: seen[pair])
        found.append(bytes(best))
        words = Counter({_join(word, best, code): n for word, n in words.items()})
    return found


def _join(word: tuple[int, ...], pair: tuple[int, int], code: int) -> tuple[int, ...]:
    if pair[0] not in word:
        return word
    out: list[int] = []
    for value in word:
        if out and out[-1] == pair[0] and value == pair[1]:
            out[-1] = code
        else:
            out.append(value)
    return tuple(out)


def _packer(found: list[bytes]):
    def pack(name: str) -> bytes:
        data = name.encode()
        for number, pair in enumerate(found):
            data = data.replace(pair, bytes([0x80 + number]))
        return data

    return pack


def _table(entries: dict[bytes, bytes], width: int) -> bytes:
    """count, keys ascending, lengths of the names, names."""
    keys = sorted(entries)
    head = len(keys).to_bytes(2, "big") + bytes([width])
    lengths = bytes(len(entries[key]) for key in keys)
    return head + b"".join(keys) + lengths + b"".join(entries[key] for key in keys)


def choose(ids: Ids) -> list[tuple[int, bytes, str]]:
    """(table, key, name) in order of worth: classes 0-2, vendors 3, devices 4, subsystems 5."""
    found = [(len(key) - 1, key, name) for key, name in ids.classes.items()]
    taken: set[bytes] = set()

    def vendor(key: bytes) -> None:
        if key in ids.vendors and key not in taken:
            taken.add(key)
            found.append((3, key, ids.vendors[key]))

    for vendors, _ in _WANTED:
        for word in vendors.split():
            vendor(bytes.fromhex(word))
    first = {bytes.fromhex(word) for word in _WANTED[0][0].split()}
    for number, (vendors, pattern) in enumerate(_WANTED):
        for word in vendors.split():
            key = bytes.fromhex(word)
            for device, name in ids.devices.items():
                if device[:2] == key and device not in taken and re.search(pattern, name):
                    taken.add(device)
                    found.append((4, device, name))
        if number == 1:  # how QEMU marks every device, whatever its maker
            for key, name in ids.subsystems.items():
                wanted = key[:4] in taken and key[4:6] in first
                if wanted:
                    found.append((5, key, name))
    many = Counter(device[:2] for device in ids.devices)
    for key, _ in many.most_common(400):
        vendor(key)
    return found


def build(text: str, limit: int = _LIMIT) -> bytes:
    """The table of a pci.ids file's text, at most `limit` bytes."""
    chosen = choose(Ids(text))
    rules = pairs(name for _, _, name in chosen)
    pack = _packer(rules)
    tables: list[dict[bytes, bytes]] = [{} for _ in range(6)]
    widths = (1, 2, 3, 2, 4, 8)
    size = 2 * len(rules) + 1 + 3 * len(tables)
    for number, key, name in chosen:
        data = pack(name)
        size += len(key) + 1 + len(data)
        if size > limit:
            break
        tables[number][key] = data
    head = bytes([len(rules)]) + b"".join(rules)
    return head + b"".join(_table(t, w) for t, w in zip(tables, widths, strict=True))


def main(argv: list[str]) -> int:
    """Write the module; 1 where there is no pci.ids."""
    try:
        source = Path(argv[1]) if len(argv) > 1 else find_ids()
    except FileNotFoundError as why:
        print(f"pciids: {why}", file=sys.stderr)
        return 1
    if source.suffix == ".gz":
        import gzip

        raw = gzip.decompress(source.read_bytes())
    else:
        raw = source.read_bytes()
    data = build(raw.decode("utf-8", "replace"))
    out = Path(argv[0])
    out.parent.mkdir(parents=True, exist_ok=True)
    text = f'"""Names of PCI ids; made by pyrallax.image.pciids."""\n\nDATA = {data!r}\n'
    if not out.is_file() or out.read_text() != text:
        out.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(guarded(lambda: main(sys.argv[1:]), "pciids"))
