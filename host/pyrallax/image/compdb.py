"""python -m pyrallax.image.compdb FOLDER < `make -nB V=1`: a compile_commands.json on stdout."""

import json
import re
import shlex
import sys
from pathlib import Path

_COMPILER = re.compile(r"^\S*clang(-\d+)?$")
_SOURCE = re.compile(r"\.(c|S)$")


def entries(text: str, folder: Path) -> list[dict]:
    """Compile commands among the lines of a dry run, as the clang tools read them."""
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        try:
            words = shlex.split(line)
        except ValueError:
            continue
        if not words or not _COMPILER.match(words[0]) or "-c" not in words:
            continue
        for source in (word for word in words[1:] if _SOURCE.search(word)):
            found.append({"directory": str(folder), "file": source, "arguments": words})
    return found


if __name__ == "__main__":
    json.dump(entries(sys.stdin.read(), Path(sys.argv[1]).resolve()), sys.stdout, indent=1)
    print()
