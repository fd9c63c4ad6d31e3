"""pyrallax flash, readback, ramboot: disks and firmware of a target over its serial line.

The work is in the folder flash/, under esptool's licence; it is loaded when a command runs.
"""

import argparse
from importlib import import_module
from pathlib import Path
from typing import Any

from . import BUILD
from .vm.config import Unfit


def add_to(commands: Any) -> None:
    """Add the subcommands."""
    parser = commands.add_parser("flash", help="write an image to a disk of the target")
    parser.add_argument("image", type=Path, help="what to write")
    _place(parser)
    parser.set_defaults(call=lambda a: _command().flash_image(a))

    parser = commands.add_parser("readback", help="copy a disk of the target to a file")
    parser.add_argument("out", type=Path, help="the file")
    parser.add_argument("--size", type=_size, help="bytes, or with k, m, g; else all there is")
    _place(parser)
    parser.set_defaults(call=lambda a: _command().read_back(a))

    parser = commands.add_parser("ramboot", help="start a firmware from the target's memory")
    elf = BUILD / "firmware-stripped.elf"
    parser.add_argument("elf", type=Path, nargs="?", default=elf, help="the image")
    _serial(parser)
    parser.set_defaults(call=lambda a: _command().ram_boot(a))


def _serial(parser: argparse.ArgumentParser) -> None:
    help = "its line: a tty, PTY, Unix socket, socket://HOST:PORT or rfc2217://HOST:PORT"
    parser.add_argument("--serial", required=True, metavar="URL", help=help)


def _place(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--partition", required=True, metavar="WHICH", help="esp, root, a name (sd0p2), or @LBA")
    add("--disk", default="", metavar="NAME", help="of several: sd0, sd1")
    _serial(parser)


def _size(text: str) -> int:
    shift = {"k": 10, "m": 20, "g": 30}.get(text[-1:].lower(), 0)
    try:
        size = int(text[:-1] if shift else text, 0) << shift
    except ValueError:
        size = 0
    if size <= 0:
        raise argparse.ArgumentTypeError(f"{text}: a number of bytes, or with k, m, g: 64m")
    return size


def need() -> None:
    """Raises Unfit where what the commands need is not installed."""
    _part("bench")


def measure(images: Any, runs: int) -> Any:
    """Figures for `inv bench`: see flash/bench.py.  Raises Unfit."""
    return _part("bench").measure(images, runs)


def _command() -> Any:
    return _part("command")


def _part(name: str) -> Any:
    try:
        return import_module(f".flash.{name}", __package__)
    except ModuleNotFoundError as why:
        if why.name not in ("esptool", "serial"):
            raise
        raise Unfit(
            f"{why.name} is not installed: "
            "pip install --require-hashes -r host/requirements/flash.txt"
        ) from None
