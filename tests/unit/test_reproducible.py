"""The same commit gives the same bytes, wherever it is built."""

import hashlib
import os
import subprocess

import pytest

from pyrallax import BUILD, ROOT

pytestmark = pytest.mark.host

_IMAGES = ("firmware.elf", "boot/BOOTAA64.EFI", "esp.img")


@pytest.mark.timeout(600)
def test_two_builds_in_two_folders_are_equal(tmp_path):
    """A copy of the work tree, built elsewhere, against build/."""
    assert all((BUILD / name).is_file() for name in _IMAGES), "run `make build` first"
    files = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    copy = tmp_path / "elsewhere"
    for name in files:
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((ROOT / name).read_bytes())
    told = dict(
        os.environ,
        # What make asks git for; the copy has no history.
        SOURCE_DATE_EPOCH=_git("log", "-1", "--format=%ct"),
        PYRALLAX_VERSION=_git("describe", "--always", "--dirty", "--tags"),
    )
    for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
        told.pop(name, None)
    cache = os.environ.get("PYRALLAX_CACHE") or ROOT / ".cache"
    argv = ["make", "-e", "SETUP=0", f"VENV={ROOT / '.venv'}", f"PYRALLAX_CACHE={cache}"]
    if checkout := os.environ.get("MICROPYTHON_DIR"):
        argv.append(f"MICROPYTHON_DIR={checkout}")
    for where in (ROOT, copy):  # both from the same sources and the same words of git
        done = subprocess.run(
            [*argv, "build"], cwd=where, env=told, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-2000:]
    ours, theirs = (
        {name: _sum(where / "build" / name) for name in _IMAGES} for where in (ROOT, copy)
    )
    assert ours == theirs


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True).stdout.strip()


def _sum(path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
