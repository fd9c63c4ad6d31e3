"""What tests with disks share: QEMU's words for AHCI disks, images of a small tree."""

import subprocess
from pathlib import Path

from pyrallax.image import disk

ESP = 2048 * 512  # where the partitions of an image begin, bytes
ROOT = ESP + (64 << 20)
FILES = {
    "boot.py": "booted = 'from the disk'\n",
    "lib/ondisk.py": "VALUE = 'a module of the disk'\n",
    "data.txt": "some text\n",
}


def image(out: Path, files: dict[str, str] | None = None, size: str = "96m", cmdline="") -> Path:
    """A disk whose root has these files."""
    root = out.with_suffix(".root")
    for name, text in (FILES if files is None else files).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    words = ["--root", root, "--size", size, "--out", out, "--cmdline", cmdline]
    assert disk.main([str(word) for word in words]) == 0
    return out


def ahci(*images: Path, snapshot: bool = False) -> dict:
    """Options of a machine with an AHCI controller and these disks, one a port."""
    extra = []
    device = ["ich9-ahci,id=ahci"]
    mode = "on" if snapshot else "off"
    for n, path in enumerate(images):
        extra += ["-drive", f"if=none,id=disk{n},format=raw,snapshot={mode},file={path}"]
        device.append(f"ide-hd,drive=disk{n},bus=ahci.{n}")
    return {"device": device, "extra": extra}


def fsck(path: Path, status: int = 0, *options: str) -> str:
    """e2fsck of the root on an image; raises unless it ends with status."""
    argv = ["e2fsck", *(options or ("-fn",)), f"{path}?offset={ROOT}"]
    env = {"PATH": "/usr/sbin:/sbin:/usr/bin:/bin"}
    done = subprocess.run(argv, env=env, capture_output=True, text=True)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def debugfs(path: Path, command: str) -> bytes:
    """Output of one command of debugfs on the root on an image."""
    argv = ["debugfs", "-R", command, f"{path}?offset={ROOT}"]
    env = {"PATH": "/usr/sbin:/sbin:/usr/bin:/bin"}
    return subprocess.run(argv, env=env, capture_output=True, check=True).stdout
