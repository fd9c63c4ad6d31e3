"""pyrallax symbolize: function, file and line of the addresses in a panic block."""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from . import ROOT
from .buildid import build_id, elf_of
from .tools import which
from .vm.config import Unfit
from .wire import received

_FIRST = re.compile(r"=== PYRALLAX PANIC \d+ ===")
_LAST = re.compile(r"=== END PANIC.*===")
_FRAME = re.compile(r"\b(pc|lr|elr|bt \d+)[ =:]+(0x[0-9a-f]+)", re.IGNORECASE)
_BUILD = re.compile(r"^build ([0-9a-f]{40})\s*$", re.MULTILINE)
_COMPILED_IN = "ports/aarch64-parallels/"
_KERNEL_BASE = 0xFFFFFFFF80000000  # ports/aarch64-parallels/memlayout.h


def blocks(text: str) -> list[str]:
    """The panic blocks in a serial log of ours, or in any other text.

    A block whose end is missing goes to the end of the text.
    """
    plain = received(text).decode("utf-8", "backslashreplace")
    return (_blocks(plain) if plain else []) or _blocks(text)


def _blocks(text: str) -> list[str]:
    found = []
    for first in _FIRST.finditer(text):
        last = _LAST.search(text, first.end())
        found.append(text[first.start() : last.end() if last else len(text)])
    return found


def frames(block: str) -> list[tuple[str, int]]:
    """(name, address) of each code address of the image in a panic block, in its order."""
    found = [(name, int(value, 16)) for name, value in _FRAME.findall(block)]
    return [(name, value) for name, value in found if value >= _KERNEL_BASE]


def _build(block: str) -> str:
    """The build id in a panic block, "" without one."""
    found = _BUILD.search(block.replace("\r", ""))
    return found[1] if found else ""


def other_build(block: str, elf: Path) -> str:
    """A warning when the block is not of this image, else ""."""
    panicked = _build(block)
    if not panicked or not elf.is_file() or panicked == build_id(elf):
        return ""
    return (
        f"pyrallax: {elf.name} is build {build_id(elf)[:8]}, the panic's is {panicked[:8]}: "
        "names and lines may be wrong; give its image with --elf"
    )


def resolve(elf: Path, names_addresses: list[tuple[str, int]]) -> list[str]:
    """One line per frame: name, address, function, file:line.  Raises Unfit.

    lr holds a return address, so the call is one instruction before; the panic block has done
    that for the frames of its backtrace.
    """
    tool = _tool()
    if not elf.is_file():
        raise Unfit(f"there is no {elf}: give the image that panicked with --elf")
    wanted = [value - 4 * (name.lower() == "lr") for name, value in names_addresses]
    command = [
        tool,
        f"--obj={elf}",
        "--functions=linkage",
        "--inlining=false",
        "--output-style=GNU",
    ]
    done = subprocess.run(
        command, input="".join(f"{value:#x}\n" for value in wanted), text=True, capture_output=True
    )
    lines = done.stdout.split("\n")
    if done.returncode or len(lines) < 2 * len(wanted):
        raise Unfit(f"{tool}: {done.stderr.strip() or 'unexpected output'}")
    return [
        f"{name:6} {value:#018x} {lines[2 * i]} {_from_root(lines[2 * i + 1])}"
        for i, (name, value) in enumerate(names_addresses)
    ]


def _from_root(place: str) -> str:
    """file:line from the root of the repository; the debug information starts in the port."""
    inner = place.removeprefix(_COMPILED_IN)
    return place if (ROOT / place.rsplit(":", 1)[0]).is_file() else inner


def _tool() -> str:
    name = "llvm-symbolizer" + os.environ.get("LLVM_SUFFIX", "-19")
    for candidate in (name, "llvm-symbolizer"):
        if found := which(candidate):
            return found
    raise Unfit(f"{name} is not installed: run `make setup`")


def report(block: str, elf: Path | None = None) -> str:
    """First line and frames of a panic block, or why they have no names.

    elf: None for the built one that panicked.
    """
    elf = elf or elf_of(_build(block))
    try:
        lines = resolve(elf, frames(block))
    except Unfit as why:
        lines = [f"pyrallax: {why}"]
    warning = other_build(block, elf)
    return "\n".join([block.splitlines()[0], *([warning] if warning else []), *lines])


def add_to(commands: Any) -> None:
    """Add the subcommand `symbolize`."""
    parser = commands.add_parser(
        "symbolize", help="name the lines of a panic", description=__doc__
    )
    parser.add_argument("--elf", type=Path, help="the image (of those built, the one it names)")
    parser.add_argument("log", nargs="?", type=Path, help="a log; stdin when left out")
    parser.set_defaults(call=_call)


def _call(a: argparse.Namespace) -> int:
    text = a.log.read_text(errors="replace") if a.log else sys.stdin.read()
    found = blocks(text)
    if not found:
        print("pyrallax: no panic block in it (=== PYRALLAX PANIC n ===)", file=sys.stderr)
        return 1
    for block in found:
        elf = a.elf or elf_of(_build(block))
        print(block.splitlines()[0])
        if warning := other_build(block, elf):
            print(warning, file=sys.stderr)
        print("\n".join(resolve(elf, frames(block))))
    return 0
