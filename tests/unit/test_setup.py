"""Set-up refuses in one line that says how to mend it, and trusts no byte it has not checked."""

import hashlib
import io
import os
import re
import subprocess
import sys
import tarfile

import pytest

from pyrallax import ROOT
from pyrallax.setup import packages, say, sources, venv

pytestmark = pytest.mark.host


def _archive(path):
    with tarfile.open(path, "w:xz") as tar:
        info = tarfile.TarInfo("micropython-9.9/py/mkenv.mk")
        info.size = 3
        tar.addfile(info, io.BytesIO(b"all"))
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def pin(tmp_path, monkeypatch):
    """deps.toml's entry for a small archive that `apt` fetches here."""
    path = tmp_path / "m.tar.xz"
    pin = {"version": "9.9", "debian_suite": "x", "archive": path.name, "sha256": _archive(path)}
    monkeypatch.setattr(sources, "_codename", lambda: "bookworm")
    monkeypatch.setattr(sources.shutil, "which", lambda name: name)
    monkeypatch.setattr(sources, "_by_apt", lambda pin, work: path)
    return pin


def test_sources_are_unpacked_once(pin, tmp_path, monkeypatch):
    home = sources.ensure(pin, tmp_path / "cache")
    assert (home / "py" / "mkenv.mk").read_text() == "all"
    monkeypatch.setattr(sources, "_by_apt", None)
    assert sources.ensure(pin, tmp_path / "cache") == home


def test_wrong_checksum_unpacks_nothing(pin, tmp_path):
    pin["sha256"] = "0" * 64
    with pytest.raises(say.Refused, match="nothing was unpacked"):
        sources.ensure(pin, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_missing_command_and_failing_command_are_one_line():
    with pytest.raises(say.Refused, match=r"no-such-tool is not installed: do this"):
        say.run(["no-such-tool"], "do this")
    with pytest.raises(say.Refused, match=r"failed \(E: no mirror\): do that"):
        say.run(["sh", "-c", "echo W: x; echo E: no mirror; echo tail; exit 3"], "do that")


def test_without_root_and_sudo_the_command_is_named(monkeypatch):
    monkeypatch.setattr(packages.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(packages.shutil, "which", lambda name: None)
    with pytest.raises(say.Refused, match=r"as root, apt-get install -y .*clang-19"):
        packages._install_apt(["clang-19"])


def test_only_missing_packages_are_named():
    if packages.system() != "apt":
        pytest.skip("no dpkg on this machine")
    assert packages.missing_apt(["dpkg", "pyrallax-no-such-package"]) == [
        "pyrallax-no-such-package"
    ]


def test_tests_need_all_that_running_needs():
    assert set(packages.wanted("apt", False)) < set(packages.wanted("apt", True))
    run, test = (ROOT / "host/requirements" / f"{name}.in" for name in ("run", "test"))
    assert set(run.read_text().split()) < set(test.read_text().split())


def test_change_of_a_pin_changes_the_state(tmp_path):
    one, two = tmp_path / "1", tmp_path / "2"
    one.write_text("a==1")
    two.write_text("a==2")
    assert venv._state(one) != venv._state(two)


def test_only_tests_make_the_environment_of_labs(monkeypatch):
    made = []
    monkeypatch.setattr(venv, "_hold", lambda folder, kinds: made.append((folder.name, kinds)))
    venv.ensure(False)
    assert made == [(".venv", ["run", "test"])]
    del made[:]
    venv.ensure(True)
    assert made == [(".venv", ["test"]), (".venv-labs", ["labs"])]


def _pins(text, behind):
    found = re.findall(rf"^([\w.-]+)==(\S+){behind}$", text, re.M)
    return {re.sub(r"[-_.]+", "-", name): version for name, version in found}


def test_each_pin_is_hashed_and_the_same_everywhere():
    every = {}
    for path in sorted((ROOT / "host/requirements").glob("*.in")):
        pins = _pins(path.read_text(), "")
        hashed = _pins(
            path.with_suffix(".txt").read_text(), r" \\\n    --hash=sha256:\w{64}(?: \\)?"
        )
        assert pins and pins.items() <= hashed.items(), path.name
        for name, version in pins.items():
            assert every.setdefault(name, version) == version, path.name


@pytest.mark.parametrize("words", [[], ["everything"]])
def test_wrong_usage_is_told(words):
    argv = [sys.executable, "-m", "pyrallax.setup", *words]
    done = subprocess.run(argv, capture_output=True, text=True)
    assert done.returncode == 2 and "run|test" in done.stderr


def test_wrong_checkout_is_refused(tmp_path):
    argv = [sys.executable, "-m", "pyrallax.setup", "test"]
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "MICROPYTHON_DIR": str(tmp_path)}
    done = subprocess.run(argv, capture_output=True, text=True, env=env)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("setup: stopped: MICROPYTHON_DIR=")


def test_formulae_of_homebrew_by_their_links(monkeypatch, tmp_path):
    (tmp_path / "opt" / "llvm@19").mkdir(parents=True)
    brew = tmp_path / "brew"
    brew.write_text(f"#!/bin/sh\n[ $* = --prefix ] && echo {tmp_path}\n")
    brew.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert packages.missing("brew", ["llvm@19", "mtools"]) == ["mtools"]


def test_a_user_has_inv_and_pyrallax(monkeypatch, tmp_path):
    """What messages and pages tell them to type, also where nothing but `make run` was done."""
    assert "invoke" in _pins((ROOT / "host/requirements/run.in").read_text(), "")
    made = tmp_path / "a place" / ".venv"

    def make(argv, mend, env=None):
        if "venv" in argv:
            (made / "bin").mkdir(parents=True)
            (made / "bin/python").symlink_to(sys.executable)
        return str(tmp_path)

    monkeypatch.setattr(venv, "run", make)
    venv._hold(made, ["run"])
    env = dict(os.environ, PYTHONPATH=str(ROOT / "host"))
    argv = [made / "bin/pyrallax", "parallels", "clean", "--help"]
    done = subprocess.run(argv, env=env, capture_output=True, text=True)
    assert done.stdout.startswith("usage: pyrallax parallels clean"), done.stderr
