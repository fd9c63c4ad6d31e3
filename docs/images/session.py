"""Record a session of `make run` and draw it: python docs/images/session.py

Types _TYPED at the prompt as a user would, writes what the terminal showed to first-session.txt
and draws that as first-session.svg.  With --draw: only the drawing, from the text that is there.
"""

import os
import pty
import re
import select
import sys
import time
from pathlib import Path
from xml.sax.saxutils import escape

_HERE = Path(__file__).parent
_TYPED = [
    "from probe import *; import machine, pci",
    "names()",
    "device('uart').FR",
    "pci.lspci()",
    "machine.mem32[0x09100000]",
]
_WIDTH = 100  # characters; longer lines are folded
_CHAR, _LINE, _PAD = 8.4, 19, 16  # pixels
_PROMPT = ">>> "


def _read_until_prompt(fd: int, limit_s: float) -> str:
    got, end = "", time.monotonic() + limit_s
    while not got.endswith(_PROMPT):
        if time.monotonic() > end or not select.select([fd], [], [], limit_s)[0]:
            raise SystemExit(f"no prompt; last came: {got[-300:]}")
        got += os.read(fd, 4096).decode("utf-8", "replace")
    return got


def record() -> str:
    """What the terminal shows, from the command to the end."""
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(_HERE.parents[1])
        os.execvp("make", ["make", "--no-print-directory", "run"])
    said = "$ make run\n" + _read_until_prompt(fd, 300)
    for line in _TYPED:
        os.write(fd, line.encode() + b"\r")
        said += _read_until_prompt(fd, 30)
    os.write(fd, b"\x01x")
    os.waitpid(pid, 0)
    said = re.sub(r"\x1b[\[(=?0-9;]*[A-Za-z]", "", said).replace("\r", "")
    return said.removesuffix(_PROMPT)


def shorten(text: str) -> str:
    """The session with all but the ends of the shim's log left out."""
    head, prompt, session = text.partition(_PROMPT)
    lines = [line for line in head.splitlines() if line.strip()]
    shim = [i for i, line in enumerate(lines) if line.startswith("[shim]")]
    if len(shim) > 5:
        lines[shim[2] : shim[-2]] = ["…"]
    return "\n".join(lines) + f"\n{prompt}{session}{_PROMPT}"


def draw(text: str) -> str:
    """SVG of a terminal with this text; what the user typed stands out."""
    rows: list[tuple[str, bool]] = []
    for line in text.splitlines():
        typed = line.startswith((">>> ", "$ "))
        rows += [(line[i : i + _WIDTH], typed) for i in range(0, max(len(line), 1), _WIDTH)]
    width = int(2 * _PAD + _WIDTH * _CHAR)
    height = 2 * _PAD + len(rows) * _LINE
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"',
        '  font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14">',
        "<title>The first session: make run, and five lines at the prompt</title>",
        f'<rect width="{width}" height="{height}" rx="8" fill="#1d2021"/>',
    ]
    for i, (row, typed) in enumerate(rows):
        fill = "#fabd2f" if typed else "#d5c4a1"
        y = _PAD + (i + 0.75) * _LINE
        out.append(
            f'<text xml:space="preserve" x="{_PAD}" y="{y:g}" fill="{fill}"'
            f' textLength="{len(row) * _CHAR:g}">{escape(row)}</text>'
        )
    return "\n".join([*out, "</svg>", ""])


def main() -> None:
    words = _HERE / "first-session.txt"
    if sys.argv[1:] != ["--draw"]:
        words.write_text(shorten(record()).rstrip() + "\n")
    (_HERE / "first-session.svg").write_text(draw(words.read_text()))


if __name__ == "__main__":
    main()
