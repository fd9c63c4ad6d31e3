"""pyrallax run: boot a machine, on this terminal, behind a PTY, or to run code."""

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Any

from . import BUILD, machine_options
from .buildid import check_image
from .failure import seconds
from .prompt import prompt
from .repl import Repl, ReplError, TargetError, TargetPanic
from .vm.config import Unfit
from .vm.console import LEAVE, interact
from .vm.machine import Machine
from .vm.open import ATTACHED, BY_UEFI
from .vm.pty import Bridge
from .wire import WireClosed

PANIC_STATUS = 134  # what a shell has for SIGABRT

# Runs a source under its own name; the status stays in _pyrallax_status for the next statement.
_RUNNER = """
def _pyrallax_run(source, name):
    global _pyrallax_status
    _pyrallax_status = 0
    try:
        exec(compile(source, name, 'exec'), globals())
    except SystemExit as e:
        _pyrallax_status = e.args[0] if e.args else 0
"""


def add_to(commands: Any) -> None:
    """Add the subcommand `run`."""
    parser = commands.add_parser("run", help="boot a machine", description=__doc__)
    add = parser.add_argument
    machine_options.add_to(parser)
    add("--pty", action="store_true", help="print the path of a PTY and keep running")
    add("--exec", metavar="CODE", help="run this code, then the scripts")
    add("--batch", type=Path, metavar="PATH", help="run a file, or PATH/autorun.py, by itself")
    add("--timeout", type=seconds, default=0, metavar="S", help="per script or batch; 0: none")
    add("script", nargs="*", type=Path, metavar="SCRIPT")
    parser.set_defaults(call=_call)


def _call(a: argparse.Namespace) -> int:
    if a.batch is not None:
        from . import batch

        return batch.run(a)
    sources = [(str(path), path) for path in a.script]
    for _, path in sources:
        if not path.is_file():
            print(f"pyrallax: no such script: {path}", file=sys.stderr)
            return 2
    if machine_options.kind(a) in BY_UEFI:
        check_image(BUILD / "esp.img")
    with machine_options.of(a, "run") as vm:
        if vm.kind == "parallels":
            from .parallels_run import wait_for_prompt

            wait_for_prompt(vm, a.exec is None and not sources)
        if a.pty:
            return serve(vm)
        if a.exec is None and not sources:
            return console(vm)
        codes = [] if a.exec is None else [("<exec>", a.exec.encode())]
        codes += [(name, path.read_bytes()) for name, path in sources]
        return execute(vm, codes, a.timeout)


def _status(vm: Machine) -> int:
    """Of a machine that ended by itself."""
    wait = getattr(vm, "wait", None)  # only QEMU has a status of its own
    try:
        return wait(5) if wait else 1
    except subprocess.TimeoutExpired:
        return 1


def console(vm: Machine) -> int:
    """This terminal on the machine, until the user leaves or it ends; the exit status."""
    print(f"pyrallax: {LEAVE}", file=sys.stderr, flush=True)
    if vm.kind in ATTACHED:
        vm.wire.write(b"\r")  # its prompt has come and gone
    why = interact(vm.wire)
    if why in ("left", "eof"):
        print(
            f"\npyrallax: left the machine; both directions are in {vm.log_path}", file=sys.stderr
        )
        return 0
    print(f"\npyrallax: {why}", file=sys.stderr)
    return _status(vm)


def serve(vm: Machine) -> int:
    """A PTY on the machine, until Ctrl-C or it ends; the exit status."""
    bridge = Bridge(vm.wire)
    try:
        print(bridge.path, flush=True)
        print("pyrallax: Ctrl-C ends the machine", file=sys.stderr, flush=True)
        bridge.run()
    except WireClosed as why:
        print(f"pyrallax: {why}", file=sys.stderr)
        return _status(vm)
    except KeyboardInterrupt:
        return 0
    finally:
        bridge.close()
    return 0


def execute(vm: Machine, codes: list[tuple[str, bytes]], timeout: float = 0) -> int:
    """Run sources one after the other, output as it comes; status of the first that fails, else 0.

    An uncaught exception is 1 with the traceback on stderr; SystemExit(n) is n; no prompt or a
    broken line is 1 with the reason and the end of what the machine said; a panic is PANIC_STATUS
    with the block and its frames by name on stderr.
    """
    try:
        repl = prompt(vm)
        repl.exec(_RUNNER)
        for name, source in codes:
            status = _one(repl, name, source, timeout or 1e9)
            if status:
                return status
    except TargetPanic as panic:
        from . import symbolize

        print(f"{panic.block}\n{symbolize.report(panic.block)}", file=sys.stderr)
        print(f"pyrallax: the firmware panicked (serial log: {vm.log_path})", file=sys.stderr)
        return PANIC_STATUS
    except (ReplError, TargetError, WireClosed, TimeoutError) as why:
        raise Unfit(f"{why} (serial log: {vm.log_path})") from None
    return 0


def _one(repl: Repl, name: str, source: bytes, timeout: float) -> int:
    def show(data: bytes) -> None:
        sys.stdout.buffer.write(data.replace(b"\r\n", b"\n"))
        sys.stdout.buffer.flush()

    result = repl.run(f"_pyrallax_run({source!r}, {name!r})", timeout, show)
    if result.stderr:
        sys.stderr.write(_without_runner(result.stderr.decode("utf-8", "backslashreplace")))
        return 1
    status = repl.eval("_pyrallax_status")
    if status is None or isinstance(status, bool):
        return int(bool(status))
    if isinstance(status, int):
        return status & 0xFF
    print(status, file=sys.stderr)
    return 1


def _without_runner(traceback: str) -> str:
    """A traceback less the frames of the runner (all in <stdin>, at its top)."""
    lines = traceback.replace("\r\n", "\n").splitlines(keepends=True)
    return "".join(lines[:1] + [line for line in lines[1:] if 'File "<stdin>"' not in line])
