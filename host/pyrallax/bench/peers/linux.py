"""Linux on the bench's machine: Debian's arm64 kernel, a program of ours its only process."""

import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...vm.config import Config
from ...vm.qemu import Vm
from ...wire import WireClosed
from . import initramfs
from .packages import NoPeer, fetch

_SOURCES = Path(__file__).parent
_BOOT_S = 120.0
_ASK_S = 300.0


class Linux:
    """A kernel and an initramfs.  modules: what its machine's devices need; late: when told."""

    # nomit: no page-table isolation and no mitigations of speculation.  TCG speculates nothing,
    # and they cost Linux far more wall time there than on any hardware.
    words = "console=ttyAMA0 quiet panic=-1 kpti=off mitigations=off"

    def __init__(self, modules: tuple[str, ...], folder: Path, late: tuple[str, ...] = ()):
        """Fetch, compile and pack.  folder: where to put what is made.  Raises NoPeer."""
        packages = fetch()
        self.kernel = packages.kernel
        self.version = packages.modules.name
        init = compiled(folder / "init")
        entries = [initramfs.directory(name) for name in ("dev", "b", "m", "u")]
        entries.append(initramfs.program("init", init))
        first = initramfs.ordered(packages.modules, modules)
        every = initramfs.ordered(packages.modules, (*modules, *late))
        for at, paths in (("m", first), ("u", every[len(first) :])):
            for n, path in enumerate(paths):
                entries.append(initramfs.program(f"{at}/{n:02}", path.read_bytes()))
        self.initrd = folder / "initrd"
        self.initrd.write_bytes(initramfs.newc(entries))

    def machine(self, extra: Sequence[str] = (), **options: Any) -> "Peer":
        """The machine, to be used as a context manager.  extra, options: as in a Config."""
        config = Config(
            firmware=self.kernel,
            append=self.words,
            extra=[*extra, "-initrd", str(self.initrd)],
            **options,
        )
        return Peer(config, name="bench-linux")


class Peer(Vm):
    """A machine whose program answers lines."""

    def start(self) -> "Peer":
        """Boot, and wait until the program has said that it is there.  Raises Unfit, NoPeer."""
        super().start()
        try:
            self._answer(_BOOT_S)
        except BaseException:
            self.close()
            raise
        return self

    def __enter__(self) -> "Peer":
        return self.start()

    def ask(self, words: str) -> tuple[int, int]:
        """Have something done: its instructions and nanoseconds.  Raises NoPeer."""
        return self._answer(_ASK_S, words.encode() + b"\n")

    def answer(self) -> tuple[int, int]:
        """The answer to what was written to its line.  Raises NoPeer."""
        return self._answer(_ASK_S)

    def _answer(self, timeout: float, line: bytes = b"") -> tuple[int, int]:
        until = time.monotonic() + timeout
        said = b""
        try:
            self.wire.write(line)
            while (left := until - time.monotonic()) > 0:
                said += self.wire.read(left)
                head, _, rest = said.rpartition(b"\n")
                for answer in head.split(b"\n"):
                    if answer.startswith(b"@ "):
                        self.wire.unread(rest)
                        return parse(answer.decode())
        except WireClosed as why:
            raise NoPeer(f"Linux: {why}") from None
        raise NoPeer(f"Linux said nothing for {timeout:.0f} s; its last words: {said[-200:]!r}")


def parse(line: str) -> tuple[int, int]:
    """`@ INSTRUCTIONS NANOSECONDS`.  Raises NoPeer for `@ error -ERRNO` and anything else."""
    words = line.split()
    if len(words) == 3 and words[0] == "@":
        if words[1] == "error":
            raise NoPeer(f"Linux: {os.strerror(abs(int(words[2])))}")
        if words[1].isdecimal() and words[2].isdecimal():
            return int(words[1]), int(words[2])
    raise NoPeer(f"Linux said {line!r}")


def compiled(out: Path) -> bytes:
    """/init: static, without libc, by the firmware's own compiler.  Raises NoPeer."""
    compiler = shutil.which("clang" + os.environ.get("LLVM_SUFFIX", "-19"))
    compiler = compiler or shutil.which("clang-19") or shutil.which("clang")
    if not compiler:
        raise NoPeer("there is no clang: run `make setup`")
    argv = [compiler, "--target=aarch64-linux-gnu", "-O2", "-std=c11", "-Wall", "-Wextra"]
    argv += ["-Werror", "-ffreestanding", "-fno-builtin", "-fno-stack-protector", "-fno-pic"]
    argv += ["-nostdlib", "-static", "-fuse-ld=lld", "-o", str(out)]
    argv += [str(path) for path in sorted(_SOURCES.glob("*.c"))]
    done = subprocess.run(argv, text=True, capture_output=True)
    if done.returncode:
        raise NoPeer(f"/init does not compile: {done.stderr.strip()[-200:]}")
    return out.read_bytes()
