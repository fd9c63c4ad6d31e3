"""pyrallax run: boot a machine, on this terminal, behind a PTY, or to run code."""

import argparse
import sys
from pathlib import Path
from typing import Any

from . import parallels_run, symbolize
from .repl import Repl, ReplError, TargetError, TargetPanic
from .vm.config import Config
from .vm.console import LEAVE, interact
from .vm.machine import Machine
from .vm.pty import Bridge
from .vm.qemu import Vm
from .wire import WireClosed

_MEMORY = 512  # MiB, of QEMU
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
    kinds = ["direct", "uefi", "parallels"]
    add("--machine", choices=kinds, default="direct", help="QEMU without or with UEFI; Parallels")
    add("--cpus", type=int, default=1)
    add("--memory", type=int, metavar="MIB", help="512; on Parallels 2048")
    add("--gic", type=int, choices=[2, 3], default=2, help="version of the interrupt controller")
    add("--cpu", default="cortex-a72")
    add("--machine-type", default="virt", metavar="TYPE", help="virt or a version: virt-6.1")
    add("--msi", choices=["gicv2m", "its", "off"], default="", help="messages (QEMU 11.1)")
    add("--display", default="none", help="a display device of QEMU: virtio-gpu-pci, ramfb")
    add("--append", default="", metavar="CMDLINE", help="kernel command line (direct)")
    add("--device", action="append", default=[], help="one more device of QEMU")
    add("--qemu", action="append", default=[], metavar="ARG", help="one more argument for QEMU")
    add("--pty", action="store_true", help="print the path of a PTY and keep running")
    add("--exec", metavar="CODE", help="run this code, then the scripts")
    add("--timeout", type=float, default=0, metavar="S", help="per script; 0: none")
    add("script", nargs="*", type=Path, metavar="SCRIPT")
    parallels_run.add_options(parser)
    parser.set_defaults(call=_call)


def _qemu(a: argparse.Namespace) -> Vm:
    config = Config(
        machine=a.machine,
        cpus=a.cpus,
        memory=a.memory or _MEMORY,
        gic=a.gic,
        cpu=a.cpu,
        machine_type=a.machine_type,
        msi=a.msi,
        append=a.append,
        display=a.display,
        device=a.device,
        extra=a.qemu,
    )
    return Vm(config, name="run")


def _call(a: argparse.Namespace) -> int:
    parallels_run.check_options(a)
    sources = [(str(path), path) for path in a.script]
    for _, path in sources:
        if not path.is_file():
            print(f"pyrallax: no such script: {path}", file=sys.stderr)
            return 2
    machine = parallels_run.machine(a) if a.machine == "parallels" else _qemu(a)
    with machine as vm:
        if a.machine == "parallels":
            parallels_run.wait_for_prompt(vm, a.exec is None and not sources)
        if a.pty:
            return serve(vm)
        if a.exec is None and not sources:
            return console(vm)
        codes = [] if a.exec is None else [("<exec>", a.exec.encode())]
        codes += [(name, path.read_bytes()) for name, path in sources]
        return execute(vm, codes, a.timeout)


def _status(vm: Machine) -> int:
    """Of a machine that ended by itself."""
    return vm.wait(5) if isinstance(vm, Vm) else 1


def console(vm: Machine) -> int:
    """This terminal on the machine, until the user leaves or it ends; the exit status."""
    print(f"pyrallax: {LEAVE}", file=sys.stderr, flush=True)
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
    print(bridge.path, flush=True)
    print("pyrallax: Ctrl-C ends the machine", file=sys.stderr, flush=True)
    try:
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
        repl = vm.repl()
        repl.exec(_RUNNER)
        for name, source in codes:
            status = _one(repl, name, source, timeout or 1e9)
            if status:
                return status
    except TargetPanic as panic:
        print(f"{panic.block}\n{symbolize.report(panic.block)}", file=sys.stderr)
        print(f"pyrallax: the firmware panicked (serial log: {vm.log_path})", file=sys.stderr)
        return PANIC_STATUS
    except (ReplError, TargetError, WireClosed, TimeoutError) as why:
        print(f"pyrallax: {why} (serial log: {vm.log_path})", file=sys.stderr)
        return 1
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
