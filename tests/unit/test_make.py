"""Programs of the suites native and fuzz by the Makefile: up to date, whole, clear errors."""

import os
import subprocess
import sys

import pytest

from pyrallax import BUILD, ROOT
from pyrallax.make import BuildError, make

pytestmark = pytest.mark.host

_TEST = "native/test_crc32"


def test_only_what_changed_is_built_again():
    path = make(_TEST)
    before = path.stat().st_mtime_ns
    assert make(_TEST).stat().st_mtime_ns == before
    header = ROOT / "tests/native/check.h"
    os.utime(path, ns=(0, header.stat().st_mtime_ns - 1))
    assert make(_TEST).stat().st_mtime_ns > header.stat().st_mtime_ns
    assert not list(BUILD.glob(f"{_TEST}.*"))


def test_unknown_program_says_so():
    with pytest.raises(BuildError, match="test_nosuch"):
        make("native/test_nosuch")


def test_two_at_once_and_within_make():
    """A stale MAKEFLAGS, as within `make -j test`, is no matter."""
    path = make(_TEST)
    os.utime(path, (0, 0))
    argv = [sys.executable, "-c", f"from pyrallax.make import make; make({_TEST!r})"]
    env = dict(os.environ, PYTHONPATH=str(ROOT / "host"), MAKEFLAGS=" -j2 --jobserver-auth=90,91")
    running = [subprocess.Popen(argv, env=env, stderr=subprocess.PIPE) for _ in range(2)]
    assert [process.communicate()[1] for process in running] == [b"", b""]
    assert [process.returncode for process in running] == [0, 0]
    assert path.stat().st_mtime > 0 and os.access(path, os.X_OK)
    assert not list(BUILD.glob(f"{_TEST}.*"))


def _mac(tmp_path):
    """The environment of a make that takes this for a Mac."""
    uname = tmp_path / "uname"
    uname.write_text("#!/bin/sh\necho Darwin\n")
    uname.chmod(0o755)
    kept = {k: v for k, v in os.environ.items() if k not in ("LLVM_SUFFIX", "LC_ALL", "MAKEFLAGS")}
    return kept | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "HOMEBREW_PREFIX": "/brew"}


def test_on_a_mac_tools_are_homebrews(tmp_path):
    """Its formulae of a version are linked nowhere; C.UTF-8 is not on every macOS."""
    tell = "tell:;@echo $(LC_ALL) $(PATH) [$(LLVM_SUFFIX)]"
    argv = ["make", "-C", ROOT, "--no-print-directory", "--eval", tell, "tell"]
    done = subprocess.run(argv, env=_mac(tmp_path), capture_output=True, text=True)
    locale, path, suffix = done.stdout.split()
    assert locale == "C" and suffix == "[]" and done.stderr == ""
    assert path.split(":")[:2] == ["/brew/opt/llvm@19/bin", "/brew/opt/lld@19/bin"]


def test_a_folder_with_a_space_is_refused(tmp_path):
    folder = tmp_path / "My Projects"
    folder.mkdir()
    argv = ["make", "-C", folder, "-f", ROOT / "Makefile", "help"]
    done = subprocess.run(argv, capture_output=True, text=True)
    assert done.returncode == 2 and "there is a space in" in done.stderr
    assert "move this folder" in done.stderr
