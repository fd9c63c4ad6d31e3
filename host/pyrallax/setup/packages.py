"""Packages of the operating system: one install call, only for what is missing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from .say import Refused, run, step

_RUN = {
    "apt": [
        "ca-certificates",
        "clang-19",
        "e2fsprogs",
        "gdisk",
        "ipxe-qemu",  # option ROMs, without which QEMU starts no network device
        "lld-19",
        "llvm-19",
        "mtools",
        "pci.ids",
        "python3-venv",
        "qemu-efi-aarch64",
        "qemu-system-arm",
    ],
    "brew": ["e2fsprogs", "gptfdisk", "llvm@19", "lld@19", "mtools", "pciutils", "qemu"],
    "tools": ["clang-19", "ld.lld-19", "mformat", "mke2fs", "qemu-system-aarch64", "sgdisk"],
}
_TEST = {
    "apt": [
        "acpica-tools",  # iasl: the judge of the shim's tables
        "device-tree-compiler",
        "dosfstools",  # fsck.vfat: a judge of the ESP
        "fdisk",  # sfdisk: partition tables to read
        "g++",  # the unix port; libstdc++ for libFuzzer
        "git",
        "libclang-rt-19-dev",  # sanitizers
        "libc6-dev",
        "microcom",  # what labgrid-client opens for a console
        "procps",  # ps, which a Mac has
        "qemu-utils",
        "tshark",  # reads what `inv usb-capture` writes
    ],
    "brew": ["acpica", "dosfstools", "dtc", "util-linux", "wireshark"],
    "tools": ["cc", "git", "iasl"],
}


def wanted(kind: str, tests: bool) -> list[str]:
    """Names needed to run, and to test if `tests`, in the naming of `kind` (apt, brew, tools)."""
    return _RUN[kind] + (_TEST[kind] if tests else [])


def system() -> str:
    """Which installer this machine has: apt (Debian), brew (macOS), else tools (install none)."""
    if sys.platform == "darwin":
        return "brew"
    return "apt" if shutil.which("apt-get") and shutil.which("dpkg-query") else "tools"


def missing_apt(names: list[str]) -> list[str]:
    """Which of these Debian packages are not installed."""
    query = ["dpkg-query", "-W", "-f=${db:Status-Status} ${Package}\n", *names]
    out = subprocess.run(
        query, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ).stdout
    have = {line.split(" ", 1)[1] for line in out.splitlines() if line.startswith("installed ")}
    return [name for name in names if name not in have]


def missing(kind: str, names: list[str]) -> list[str]:
    """Which of these are not installed, for kind apt or brew.  Raises Refused."""
    return missing_apt(names) if kind == "apt" else _missing_brew(names)


def _install_apt(names: list[str]) -> None:
    command = "apt-get install -y --no-install-recommends " + " ".join(names)
    root: list[str] = []
    if os.geteuid() != 0:
        if not shutil.which("sudo"):
            raise Refused(
                f"{len(names)} packages are missing and there is no sudo: as root, {command}"
            )
        root = ["sudo"]
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    step(f"installing {len(names)} Debian packages: {' '.join(names)}")
    run([*root, "apt-get", "-q", "update"], "check /etc/apt and the network, then again", env)
    run([*root, *command.split()], f"as root, {command}", env)


def _missing_brew(names: list[str]) -> list[str]:
    if not shutil.which("brew"):
        raise Refused("Homebrew is not installed: see https://brew.sh, then again")
    # Each formula that is installed has a link there, and to look takes no second as `brew list`.
    opt = Path(run(["brew", "--prefix"], "see `brew doctor`").strip(), "opt")
    return [name for name in names if not (opt / name).exists()]


def ensure(tests: bool) -> None:
    """Install what is missing.  Raises Refused."""
    kind = system()
    names = wanted(kind, tests)
    if kind == "apt":
        if missing := missing_apt(names):
            _install_apt(missing)
    elif kind == "brew":
        if missing := _missing_brew(names):
            step(f"installing {len(missing)} Homebrew formulae: {' '.join(missing)}")
            run(["brew", "install", *missing], f"by hand, brew install {' '.join(missing)}")
    elif missing := [name for name in names if not shutil.which(name)]:
        raise Refused(f"not Debian, so nothing is installed; put on PATH: {' '.join(missing)}")
