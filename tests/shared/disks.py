"""What tests with disks share: QEMU's words for AHCI disks, images of a small tree."""

from pathlib import Path

import e2fs

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


def root(path: Path) -> str:
    """The second partition of an image, as e2fsprogs take it."""
    return f"{path}?offset={ROOT}"


def fsck(path: Path, *options: str, ok: tuple[int, ...] = (0,)) -> str:
    """e2fsck of the root on an image; raises unless it ends with one of these statuses."""
    return e2fs.run("e2fsck", *(options or ("-fn",)), root(path), ok=ok).decode()


def debugfs(path: Path, command: str) -> bytes:
    """Output of one command of debugfs on the root on an image."""
    return e2fs.debugfs(root(path), command)
