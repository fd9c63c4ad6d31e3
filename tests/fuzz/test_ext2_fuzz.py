"""Damaged ext2 images for the frozen file system.

MicroPython's unix port runs 100,000 cases with --full and 2,000 without; CPython runs a part.  A
finding prints its seed and case and gets a unit test.
"""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pyrallax import BUILD, ROOT

sys.path.insert(0, str(ROOT / "tests" / "unit"))

import e2fs

pytestmark = [pytest.mark.storage, pytest.mark.timeout(0)]

HERE = Path(__file__).parent
PATHS = [ROOT / "tests" / "sim", ROOT / "frozen" / "fs", ROOT / "frozen", HERE]
_CASE_S = 0.5  # on a machine that is busy; a run that hangs ends

IMAGES = {  # name: (bytes, options of mke2fs)
    "1k-rev0": (256 << 10, ("-r", "0", "-b", "1024", "-O", "none", "-N", "40")),
    "1k": (320 << 10, ("-b", "1024", "-I", "256", "-N", "48")),
    "1k-meta-bg": (
        600 << 10,
        ("-b", "1024", "-I", "128", "-g", "256", "-N", "48", "-O", "meta_bg,^resize_inode"),
    ),
    "2k": (384 << 10, ("-b", "2048", "-I", "128", "-N", "40")),
    "4k": (512 << 10, ("-b", "4096", "-I", "256", "-N", "40")),
}


def _tree(folder: Path) -> Path:
    """Each kind of structure once, in little room."""
    (folder / "deep" / "er" / "still").mkdir(parents=True)
    (folder / "many").mkdir()
    for i in range(14):
        (folder / "many" / f"{i} {'n' * 90}").write_bytes(b"")
    (folder / "small").write_bytes(b"some bytes\n" * 9)
    (folder / "deep" / "er" / "plain").write_bytes(bytes(range(256)) * 64)
    with open(folder / "holes", "wb") as file:  # single, double, triple indirect with 1 KiB
        for at in (0, 15 << 10, 300 << 10, 5 << 20, 70 << 20):
            file.seek(at)
            file.write(b"island" * 100)
    os.link(folder / "small", folder / "deep" / "again")
    (folder / "fast").symlink_to("deep/er/plain")
    (folder / "slow").symlink_to("./" * 40 + "deep/er/plain")
    return folder


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("images")
    tree = _tree(tmp_path_factory.mktemp("tree"))
    for name, (size, options) in IMAGES.items():
        image = e2fs.mke2fs(folder / name, size, "-m", "0", *options, tree=tree)
        if name != "1k-rev0":
            for file in ("small", "fast", "deep"):
                e2fs.debugfs_write(image, f"ea_set {file} user.note {'v' * 150}")
            e2fs.debugfs_write(image, "mknod device c 4 64")
        e2fs.run("e2fsck", "-fn", image)
    return folder


def _run(argv: list, environment: dict, cases: int) -> None:
    began = time.monotonic()
    done = subprocess.run(
        argv, env=environment, capture_output=True, text=True, timeout=60 + cases * _CASE_S
    )
    seconds = time.monotonic() - began
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    said = re.search(r"(\d+) cases, (\d+) broken, slowest (\d+) ms", done.stdout)
    assert said and int(said[1]) == cases
    assert cases // 4 < int(said[2]) < cases  # it is hostile, and it gets through
    print(f"{said[0]}; {cases / seconds:.0f} cases/s")


@pytest.mark.parametrize("seed", range(4))
def test_unix_port(corpus, full, seed):
    """The heap is the bound of what one case may take."""
    unix = BUILD / "unix" / "micropython"
    assert unix.is_file(), "no unix port: run `make unix`"
    cases = 25_000 if full else 500
    places = ":".join([".frozen", *map(str, PATHS)])
    argv = [unix, "-X", "heapsize=12m", HERE / "ext2_target.py", corpus, str(seed), str(cases)]
    _run(argv, os.environ | {"MICROPYPATH": places}, cases)


def test_cpython(corpus, full):
    cases = 10_000 if full else 500
    argv = [sys.executable, HERE / "ext2_target.py", corpus, "77", str(cases)]
    _run(argv, os.environ | {"PYTHONPATH": ":".join(map(str, PATHS))}, cases)
