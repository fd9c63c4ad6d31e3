"""Debian's arm64 packages, unpacked into the cache; the system's own packages stay as they are."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ... import ROOT

CACHE = Path(os.environ.get("PYRALLAX_CACHE") or ROOT / ".cache")
_KERNEL_META = "linux-image-arm64"


class NoPeer(Exception):
    """A peer cannot be had.  str(): one line that says why."""


@dataclass
class Packages:
    """kernel: the image.  modules: its folder of modules."""

    kernel: Path
    modules: Path


def fetch() -> Packages:
    """The kernel's package, unpacked.  Raises NoPeer.

    Apt is asked once: what it brought stays in the cache, and newer kernels are not looked for.
    """
    home = CACHE / "peers"
    for tool in ("apt-get", "dpkg-deb"):
        if not shutil.which(tool):
            raise NoPeer(f"{tool} is needed to fetch Debian's arm64 packages")
    if not (home / "kernel").is_dir():
        _update(home)
        _unpack(_download(home, _kernel(home)), home / "kernel")
    return Packages(
        _only((home / "kernel" / "boot").glob("vmlinuz-*")),
        _only((home / "kernel" / "lib" / "modules").iterdir()),
    )


def _only(found) -> Path:
    paths = list(found)
    if len(paths) != 1:
        raise NoPeer(f"{CACHE / 'peers'} is not whole: remove it, then again")
    return paths[0]


def _options(home: Path) -> list[str]:
    """Apt for arm64 with a state of its own; the system's sources."""
    for name in ("lists/partial", "cache/archives/partial"):
        (home / name).mkdir(parents=True, exist_ok=True)
    (home / "status").touch()
    options = [
        "APT::Architecture=arm64",
        "APT::Architectures::=arm64",
        f"Dir::State={home}",
        f"Dir::State::Lists={home}/lists",
        f"Dir::State::status={home}/status",
        f"Dir::Cache={home}/cache",
        "Acquire::Languages=none",
        "APT::Update::Error-Mode=any",
    ]
    if os.geteuid() == 0:
        options.append("APT::Sandbox::User=root")  # the _apt user may not write here
    return [word for option in options for word in ("-o", option)]


def _apt(home: Path, program: str, *words: str, cwd: Path | None = None) -> str:
    argv = [program, *_options(home), *words]
    done = subprocess.run(argv, text=True, capture_output=True, cwd=cwd)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("E:")]
        raise NoPeer(f"{program} {words[0]}: {(lines or ['it failed'])[-1]}")
    return done.stdout


def _update(home: Path) -> None:
    _apt(home, "apt-get", "update")


def _kernel(home: Path) -> str:
    """Name of the package with the kernel that Debian's newest one stands for."""
    for line in _apt(home, "apt-cache", "depends", _KERNEL_META).splitlines():
        if "Depends:" in line:
            return line.split()[-1]
    raise NoPeer(f"apt knows no {_KERNEL_META}")


def _download(home: Path, name: str) -> Path:
    """Folder with this package's file."""
    folder = home / "debs"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _apt(home, "apt-get", "-q", "download", name, cwd=folder)
    return folder


def _unpack(folder: Path, to: Path) -> None:
    """Unpack the packages and drop their files; to: made whole or not at all."""
    new = to.with_name(to.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    for deb in sorted(folder.glob("*.deb")):
        done = subprocess.run(["dpkg-deb", "-x", deb, new], text=True, capture_output=True)
        if done.returncode:
            raise NoPeer(f"{deb.name}: {done.stderr.strip()}")
    new.rename(to)
    shutil.rmtree(folder)
