"""Tasks of the project: `inv --list`, `inv --help TASK`.  Each calls make or the host package."""

import sys
from pathlib import Path

from invoke import Collection, Exit, task

ROOT = Path(__file__).parent
PYTHON = sys.executable
MAKE = f"make --no-print-directory -C {ROOT} SETUP=0"


def _passed(status: int) -> None:
    if status:
        raise Exit(code=status)


@task
def build(c):
    """Compile the firmware and the UEFI shim, make the images and compile_commands.json."""
    c.run(f"{MAKE} build compile_commands.json", pty=False)


@task(
    help={
        "root": "a folder: make a whole disk with it as the ext2 root",
        "size": "of that disk, whole MiB",
        "out": "where to; a name that ends in .hdd is a bundle for Parallels",
        "args": "more options of `python -m pyrallax.image.disk`",
    }
)
def image(c, root="", size="256m", out="build/disk.img", args=""):
    """Make the EFI system partition, build/esp.img; with --root a disk that boots."""
    import shlex

    from pyrallax.image import disk

    c.run(f"{MAKE} build/esp.img", pty=False)
    if root:
        words = ["--root", root, "--size", size, "--out", out, *shlex.split(args)]
        _passed(disk.main(words))


@task(
    help={
        "machine": "direct or uefi",
        "pty": "print a PTY's path and keep running",
        "exec": "code to run; the exit status is the target's",
        "script": "a script to run (repeatable)",
        "args": "more options of `python -m pyrallax run`",
    },
    iterable=["script"],
    optional=["exec"],
)
def run(c, machine="direct", pty=False, exec=None, script=None, args=""):
    """Boot a machine on this terminal, or run code on it."""
    import shlex

    from pyrallax.__main__ import main

    c.run(f"{MAKE} build", pty=False, hide="out")
    words = ["run", "--machine", machine] + (["--pty"] if pty else []) + shlex.split(args)
    words += ["--exec", exec] if exec is not None else []
    _passed(main([*words, "--", *script]))


@task(
    help={
        "suite": "lint, unit, native, qemu, uefi, clients, upstream, fuzz (repeatable)",
        "mark": "an area: boot, probe, storage, usb, display, host, twin, bench",
        "full": "also what takes long",
        "args": "more options for pytest",
    },
    iterable=["suite"],
)
def test(c, suite=None, mark="", full=False, args=""):
    """Run test suites; each ends with `NAME: N passed, N failed, N skipped`."""
    import shlex

    from pyrallax import lanes

    try:
        chosen = lanes.names(suite)
    except ValueError as why:
        raise Exit(f"test: {why}", code=2) from None
    _passed(lanes.run(chosen, mark, full, shlex.split(args)))


@task
def lint(c):
    """Check style and names: ruff, mpy-cross, clang-format, codespell."""
    from pyrallax import lanes

    _passed(lanes.run(["lint"]))


@task
def format(c):
    """Rewrite Python and C in the project's style."""
    from pyrallax import lint as checks

    checks.format_all()


@task
def size(c):
    """Report what the firmware weighs, by kind."""
    c.run(f"{MAKE} size", pty=False)


@task(help={"log": "a file with a panic block; stdin when left out", "elf": "the image"})
def symbolize(c, log="", elf=""):
    """Name function, file and line of the addresses in a panic block."""
    from pyrallax.__main__ import main

    words = ["symbolize"] + (["--elf", elf] if elf else []) + ([log] if log else [])
    _passed(main(words))


@task(
    help={
        "report": "a report to show, in place of making one",
        "serial": "tty, PTY or socket of a running target; without it QEMU is booted",
        "out": "write the report here",
        "html": "write a page here",
        "args": "more options of `python -m pyrallax hwreport`",
    },
    optional=["report"],
)
def hwreport(c, report="", serial="", out="", html="", args=""):
    """Describe a machine: make a hardware report at its prompt, check it, show it."""
    import shlex

    from pyrallax.__main__ import main

    words = ["hwreport", *shlex.split(args)]
    for option, value in (("--serial", serial), ("--out", out), ("--html", html)):
        words += [option, value] if value else []
    _passed(main(words + ([report] if report else [])))


@task(
    help={
        "a": "a trace (JSON lines) of probe.trace",
        "b": "another",
        "args": "more options of `python -m pyrallax trace diff`",
    }
)
def trace_diff(c, a, b, args=""):
    """Find where two traces of register accesses part."""
    import shlex

    from pyrallax.__main__ import main

    _passed(main(["trace", "diff", *shlex.split(args), "--", a, b]))


@task(
    help={
        "quick": "a short run",
        "json": "write the figures to this file",
        "markdown": "write the table to this file",
        "only": "parts, by comma: boot, interp, micro, probe, size, storage, wall",
    }
)
def bench(c, quick=False, json="", markdown="", only=""):
    """Measure boot, interpreter, memory and disks in guest instructions, disks beside Linux."""
    from pyrallax.bench import main

    words = ["--quick"] if quick else []
    for option, value in (("--json", json), ("--markdown", markdown), ("--only", only)):
        words += [option, value] if value else []
    _passed(main(words))


@task
def clean(c):
    """Remove what was built."""
    c.run(f"{MAKE} clean", pty=False)


namespace = Collection(
    build, image, run, test, lint, format, size, symbolize, hwreport, trace_diff, bench, clean
)
