"""Debian's arm64 packages as an initramfs, for the Linux that golden files come from."""

import os
import stat
import subprocess
from pathlib import Path

from pyrallax.bench.peers import initramfs, packages


def unpacked(names: tuple[str, ...], folder: Path) -> Path:
    """These packages, without what they depend on, below a folder.  Raises NoPeer."""
    home, debs, tree = folder / "apt", folder / "debs", folder / "tree"
    for path in (home, debs, tree):
        path.mkdir()
    packages._update(home)
    for name in names:
        packages._apt(home, "apt-get", "-q", "download", name, cwd=debs)
    for deb in debs.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", deb, tree], check=True)
    return tree


def entries(
    tree: Path, left_out: tuple[str, ...], more: list[initramfs.Entry], folders: tuple[str, ...]
) -> list[initramfs.Entry]:
    """Everything below a tree but names that begin so, then more files; folders first."""
    wanted = set(folders)
    files = []
    for path in sorted(tree.rglob("*")):
        name = str(path.relative_to(tree))
        if name.startswith(left_out):
            continue
        wanted |= {str(parent) for parent in Path(name).parents if str(parent) != "."}
        if path.is_symlink():
            files.append((name, stat.S_IFLNK | 0o777, os.readlink(path).encode()))
        elif path.is_file():
            files.append(initramfs.program(name, path.read_bytes()))
    return [initramfs.directory(name) for name in sorted(wanted)] + files + more
