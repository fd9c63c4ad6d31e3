"""What a user waits on the host: from the command to the prompt, with nothing to build."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median

from .. import ROOT
from ..repl import Repl
from ..vm.config import Unfit
from .figures import Figure
from .machine import Images

_RUN_S = 60.0


def _to_prompt(command: str) -> float:
    """Seconds from a command's start to the prompt that it shows.  Raises Unfit."""
    began = time.monotonic()
    process = subprocess.Popen(
        command.split(),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        env={name: value for name, value in os.environ.items() if name != "MAKEFLAGS"},
    )
    assert process.stdin and process.stdout
    said = b""
    try:
        while b">>> " not in said:
            left = max(0.0, began + _RUN_S - time.monotonic())
            came = select.select([process.stdout], [], [], left)[0]
            more = os.read(process.stdout.fileno(), 4096) if came else b""
            if not more:
                end = said[-300:].decode(errors="replace")
                raise Unfit(f"{command} came to no prompt: {end}")
            said += more
        return time.monotonic() - began
    finally:
        process.stdin.close()
        try:
            os.killpg(process.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
        process.wait(10)
        process.stdout.close()


def _seconds(*argv: str) -> float:
    began = time.monotonic()
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise Unfit(f"{' '.join(argv)}: {(done.stdout + done.stderr).strip()[-300:]}")
    return time.monotonic() - began


def _emulator(images: Images, kind: str) -> float:
    began = time.monotonic()
    with images.machine(kind, icount=False) as vm:
        Repl(vm.wire).wait_prompt(30)
        return time.monotonic() - began


def _least(runs: int, measured: Callable[[], float]) -> float:
    return min(measured() for _ in range(runs))


def measure(images: Images, runs: int) -> tuple[list[Figure], dict]:
    """make's checks of set-up and build, our imports, QEMU, boot: the whole, and its parts."""
    make = _least(runs, lambda: _seconds("make", "SETUP=0", "build"))
    imports = _least(runs, lambda: _seconds(sys.executable, "-m", "pyrallax", "run", "--help"))
    figures = []
    for kind in ("direct", "uefi"):
        command = f"make run MACHINE={kind}"
        _to_prompt(command)  # warm
        figure = Figure(f"boot.{kind}.wall_s", "s", [_to_prompt(command) for _ in range(runs)])
        parts = {"make_s": make, "imports_s": imports}
        parts["qemu_to_prompt_s"] = _least(runs, lambda kind=kind: _emulator(images, kind))
        bare = f"{sys.executable} -m pyrallax run --machine {kind}"
        parts["run_s"] = _least(runs, lambda bare=bare: _to_prompt(bare))
        figure.more = {**parts, "median": median(figure.runs)}
        figure.beside = (
            f"median {median(figure.runs):.2f}; make build {make:.2f}; pyrallax run"
            f" {parts['run_s']:.2f}: imports {imports:.2f}, QEMU {parts['qemu_to_prompt_s']:.2f}"
        )
        figures.append(figure)
    return figures, {}
