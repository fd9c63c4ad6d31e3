"""python -m pyrallax.image.esp IMAGE NAME=FILE…: a reproducible EFI system partition."""

import os
import subprocess
import sys
from pathlib import Path, PurePosixPath

from ..failure import guarded

# FAT32 needs 65,525 clusters: 64 MiB of one sector each is the smallest round size.
SECTORS = 131072
_SERIAL = "50595258"
EPOCH = 1735689600  # 2025-01-01, when the build gives no time


class ImageError(Exception):
    """The image cannot be made.  str(): the tool and its words."""


def _mtool(image: Path, *words: str) -> None:
    env = dict(os.environ, MTOOLS_SKIP_CHECK="1", TZ="UTC", MTOOLSRC="/dev/null")
    env.setdefault("SOURCE_DATE_EPOCH", str(EPOCH))
    argv = [words[0], "-i", str(image), *words[1:]]
    try:
        done = subprocess.run(
            argv, env=env, text=True, capture_output=True, stdin=subprocess.DEVNULL
        )
    except FileNotFoundError:
        raise ImageError(f"{words[0]} (mtools) is not installed: run `make setup`") from None
    if done.returncode:
        raise ImageError(f"{words[0]}: {done.stderr.strip()}")


def build(image: Path, files: dict[str, Path], hidden: int = 0) -> None:
    """Write a FAT32 image with files by their path in it.  Raises ImageError, then leaves none.

    hidden: sectors of the disk before it.
    """
    image.parent.mkdir(parents=True, exist_ok=True)
    new = image.with_suffix(".new")
    new.unlink(missing_ok=True)
    with new.open("wb") as file:
        file.truncate(SECTORS * 512)
    try:
        _mtool(new, "mformat", "-F", "-c", "1", "-T", str(SECTORS), "-h", "64", "-s", "32",
               "-H", str(hidden), "-N", _SERIAL, "-v", "PYRALLAX", "::")  # fmt: skip
        made: set[str] = set()
        for name, path in files.items():
            for folder in reversed(PurePosixPath(name).parents[:-1]):
                if str(folder) not in made:
                    _mtool(new, "mmd", f"::/{folder}")
                    made.add(str(folder))
            _mtool(new, "mcopy", str(path), f"::/{name}")
        new.rename(image)
    finally:
        new.unlink(missing_ok=True)


def main() -> int:
    """The command line above."""
    if len(sys.argv) < 2 or not all("=" in word for word in sys.argv[2:]):
        print(__doc__, file=sys.stderr)
        return 2
    pairs = [word.split("=", 1) for word in sys.argv[2:]]
    try:
        build(Path(sys.argv[1]), {name: Path(path) for name, path in pairs})
    except ImageError as why:
        print(f"esp: {why}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main, "esp"))
