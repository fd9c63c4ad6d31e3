# SPDX-License-Identifier: GPL-2.0-or-later
"""What pyrallax flash, readback and ramboot do."""

import argparse
import os
import sys
import time
from errno import EINVAL, EISDIR
from pathlib import Path
from tempfile import NamedTemporaryFile

from ..line import open_line
from ..repl import Repl, ReplError
from ..vm.config import Unfit
from ..wire import WireClosed
from .progress import Bar
from .session import entered, session
from .transfer import find, flash, ramboot, readback

_BOOT_S = 30.0


def flash_image(a: argparse.Namespace) -> int:
    """pyrallax flash"""
    try:
        size = a.image.stat().st_size
        image = a.image.open("rb")
    except OSError as why:
        raise Unfit(f"{a.image}: {why.strerror}") from None
    began = time.monotonic()
    wire = open_line(a.serial)
    bar = Bar("flash", size)
    try:
        with image, session(wire, a.serial) as target:
            place = find(target.media(), a.partition, a.disk)
            done = flash(target, image, size, place, bar.show)
    finally:
        bar.end()
        wire.close()
    seconds = time.monotonic() - began
    print(
        f"{place.medium.name}: {done.size} bytes are there, verified on the target; "
        f"{done.written} were different and are written ({seconds:.1f} s)"
    )
    return 0


def read_back(a: argparse.Namespace) -> int:
    """pyrallax readback"""
    wanted = Path(os.path.realpath(a.out))
    part = wire = bar = None
    try:
        if wanted.is_dir():
            raise IsADirectoryError(EISDIR, "is a directory: name a file")
        if wanted.exists() and not wanted.is_file():
            raise OSError(EINVAL, "is no plain file, and is left as it is: name another")
        with NamedTemporaryFile(dir=wanted.parent, prefix=".readback-", delete=False) as out:
            part = Path(out.name)
            wire = open_line(a.serial)
            with session(wire, a.serial) as target:
                place = find(target.media(), a.partition, a.disk)
                size = place.size if a.size is None else a.size
                bar = Bar("read", size)
                readback(target, out, place, size, bar.show)
        part.chmod(0o666 & ~_umask())
        part.replace(wanted)
    except OSError as why:
        raise Unfit(f"{a.out}: {why.strerror or why}") from None
    finally:
        if bar:
            bar.end()
        if wire:
            wire.close()
        if part:
            part.unlink(missing_ok=True)
    print(f"{a.out}: {size} bytes of {place.medium.name}")
    return 0


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def ram_boot(a: argparse.Namespace) -> int:
    """pyrallax ramboot"""
    try:
        size = a.elf.stat().st_size
        a.elf.open("rb").close()
    except OSError as why:
        raise Unfit(f"{a.elf}: {why.strerror}: run `inv build`, or name an image") from None
    began = time.monotonic()
    wire = open_line(a.serial)
    bar = Bar("load", size)
    try:
        with entered(wire, a.serial) as target:
            ramboot(target, a.elf, bar.show)
        bar.end()
        said = Repl(wire).wait_prompt(_BOOT_S).decode("utf-8", "replace")
    except (ReplError, WireClosed) as why:
        raise Unfit(f"{a.elf.name} was started and no prompt came: {why}") from None
    finally:
        bar.end()
        wire.close()
    sys.stdout.write(said.replace("\r\n", "\n").rpartition("\n")[0].lstrip("\n") + "\n")
    print(f"{a.elf.name} runs, {time.monotonic() - began:.1f} s after the command")
    return 0
