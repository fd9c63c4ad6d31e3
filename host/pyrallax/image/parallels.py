"""A raw image as a disk that Parallels Desktop attaches: a bundle NAME.hdd with a plain .hds."""

import os
import shutil
import subprocess
from pathlib import Path

from ..vm.prl.ctl import program
from .esp import ImageError

_TOOL = "prl_disk_tool"
_BLOCK = 1 << 18
_TIMEOUT_S = 300.0  # of a full disk of some GiB, on a busy Mac


def disk_tool() -> str:
    """Path of Parallels' own tool, the only one that makes a bundle.  Raises ImageError."""
    found = program(_TOOL)
    if not found:
        raise ImageError(
            f"{_TOOL} is not here: it comes with Parallels Desktop.  Make a raw image"
            " (--format raw), and on the Mac run this with --format hdd"
        )
    return found


def bundle(raw: Path, out: Path) -> None:
    """Make the bundle out, a folder, with the content of raw.  Replaces an old one.

    The old data file is never used again: it may be larger, of another type, or in use.
    """
    size = raw.stat().st_size
    new = out.with_name(out.name + ".new.hdd")
    shutil.rmtree(new, ignore_errors=True)
    try:
        argv = [disk_tool(), "create", "--hdd", str(new), "--size", f"{size >> 20}M"]
        done = subprocess.run(
            argv, text=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=_TIMEOUT_S
        )
        if done.returncode:
            raise ImageError(f"{_TOOL}: {(done.stderr or done.stdout).strip()}")
        data = sorted(new.glob("*.hds"))
        if len(data) != 1 or data[0].stat().st_size != size:
            sizes = [path.stat().st_size for path in data]
            raise ImageError(f"{_TOOL} made no plain disk of {size} bytes: .hds of {sizes}")
        _fill(data[0], raw, size)
        shutil.rmtree(out, ignore_errors=True)
        new.rename(out)
    except subprocess.TimeoutExpired:
        raise ImageError(
            f"{_TOOL} does not answer in {_TIMEOUT_S:.0f} s: is Parallels Desktop busy?"
        ) from None
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _fill(data: Path, raw: Path, size: int) -> None:
    """Copy raw; its zeros become holes, so that a disk takes what is in it and no more."""
    zeros = bytes(_BLOCK)
    with raw.open("rb") as source, data.open("wb") as target:
        while block := source.read(_BLOCK):
            if block == zeros:
                target.seek(_BLOCK, os.SEEK_CUR)
            else:
                target.write(block)
        target.truncate(size)
