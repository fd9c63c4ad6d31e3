"""python -m pyrallax.image.size ELF: what the firmware weighs."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from ..failure import guarded

_STACKS = re.compile(r"stack|guard|^\.exc$", re.IGNORECASE)
# What MicroPython's frozen_content.c defines.
_FROZEN = re.compile(
    r"^(mp_frozen_|frozen_|const_obj_|const_table_|const_qstr_table_|fun_data_|raw_code_|children_)"
)
_KINDS = {
    "text": ("text",),
    "rodata": ("rodata", "rel", "eh_frame", "ex_table", "note", "dyn", "hash"),
    "data": ("data", "got", "init"),
    "bss": ("bss",),
}


def _tool(name: str, *words: str) -> str:
    suffix = os.environ.get("LLVM_SUFFIX", "-19")
    found = shutil.which(name + suffix) or shutil.which(name) or name + suffix
    return subprocess.run([found, *words], check=True, text=True, capture_output=True).stdout


def _kind(section: str) -> str:
    name = section.lstrip(".")
    for kind, starts in _KINDS.items():
        if name.startswith(starts):
            return kind
    return "other"


def measure(elf: Path) -> dict[str, int]:
    """Bytes by kind: text, rodata, data, bss, stacks, other, frozen (part of the others), loaded.

    loaded: everything that takes memory before the heap, less stacks and guard pages.
    """
    sizes = dict.fromkeys(["text", "rodata", "data", "bss", "stacks", "other"], 0)
    for line in _tool("llvm-readelf", "-S", "-W", str(elf)).splitlines():
        row = re.match(
            r"\s*\[\s*\d+\]\s+(\S+)\s+\S+\s+[0-9a-f]+ [0-9a-f]+ ([0-9a-f]+) \S+\s+(\w*)", line
        )
        if not row or "A" not in row[3]:
            continue
        kind = "stacks" if _STACKS.search(row[1]) else _kind(row[1])
        sizes[kind] += int(row[2], 16)
    frozen = 0
    for line in _tool("llvm-nm", "-S", str(elf)).splitlines():
        words = line.split()
        if len(words) == 4 and _FROZEN.match(words[3]):
            frozen += int(words[1], 16)
        if len(words) == 4 and words[2] in "bB" and _STACKS.search(words[3]):
            sizes["bss"] -= int(words[1], 16)
            sizes["stacks"] += int(words[1], 16)
    loaded = sum(sizes.values()) - sizes["stacks"]
    return sizes | {"frozen": frozen, "loaded": loaded}


def main() -> int:
    """The command line above."""
    if len(sys.argv) != 2:
        print("usage: python -m pyrallax.image.size ELF", file=sys.stderr)
        return 2
    for kind, size in measure(Path(sys.argv[1])).items():
        print(f"{kind:8} {size:9} bytes {size / 1024:9.1f} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main, "size"))
