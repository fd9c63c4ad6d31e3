"""python -m pyrallax.image.compdb < `make -nBw V=1`: a compile_commands.json on stdout."""

import json
import re
import shlex
import sys

from ..failure import guarded

_COMPILER = re.compile(r"^\S*clang(-\d+)?$")
_ENTERING = re.compile(r"Entering directory '(.*)'")
_LEAVING = re.compile(r"Leaving directory '")
_SOURCE = re.compile(r"\.(c|S)$")


def entries(text: str) -> list[dict]:
    """Compile commands among the lines of a dry run, as the clang tools read them."""
    found = []
    folders: list[str] = []
    for line in text.replace("\\\n", " ").splitlines():
        if entering := _ENTERING.search(line):
            folders.append(entering[1])
        elif _LEAVING.search(line) and folders:
            folders.pop()
        else:
            found += _entry(line, folders[-1] if folders else ".")
    return found


def _entry(line: str, folder: str) -> list[dict]:
    try:
        words = shlex.split(line)
    except ValueError:
        return []
    if not words or not _COMPILER.match(words[0]) or "-c" not in words:
        return []
    sources = [word for word in words[1:] if _SOURCE.search(word)]
    return [{"directory": folder, "file": name, "arguments": words} for name in sources]


def main() -> int:
    """The command line above."""
    json.dump(entries(sys.stdin.read()), sys.stdout, indent=1)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main, "compdb"))
