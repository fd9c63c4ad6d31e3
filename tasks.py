"""Tasks of the project: `inv --list`, `inv --help TASK`.  Each calls make or the host package."""

import logging
import os
import subprocess
from pathlib import Path

from invoke import Collection, Exit, task

ROOT = Path(__file__).parent
if logging.root.level == logging.DEBUG:  # inv --debug
    os.environ.setdefault("PYRALLAX_DEBUG", "1")
MAKE = ["make", "--no-print-directory", "-C", ROOT, "SETUP=0"]


def _passed(status: int) -> None:
    if status:
        raise Exit(code=status)


def _make(*targets, quiet=False):
    """Of a make that fails its own lines are enough.  stdin is for who runs after it."""
    out = subprocess.DEVNULL if quiet else None
    made = subprocess.run([*MAKE, *targets], stdin=subprocess.DEVNULL, stdout=out)
    _passed(made.returncode)


def _words(args):
    import shlex

    try:
        return shlex.split(args)
    except ValueError as why:
        raise Exit(f"--args: {why}: write quotes in pairs", code=2) from None


@task
def build(c):
    """Compile the firmware and the shim, make the images.

    Also compile_commands.json, for editors.
    """
    _make("build", "compile_commands.json")


@task(
    help={
        "root": "a folder: make a whole disk with it as the ext2 root",
        "size": "of that disk, whole MiB",
        "out": "where to; a name that ends in .hdd is a bundle for Parallels",
        "args": "more options of `python -m pyrallax.image.disk`",
    }
)
def image(c, root="", size="256m", out="build/disk.img", args=""):
    """Make build/esp.img; with --root a whole disk that boots."""
    from pyrallax.failure import guarded
    from pyrallax.image import disk

    _make("build/esp.img")
    if root:
        words = ["--root", root, "--size", size, "--out", out, *_words(args)]
        _passed(guarded(lambda: disk.main(words), "disk"))


@task(
    help={
        "machine": "direct, uefi, twin, parallels, serial or pty",
        "serial": "the line of a machine that runs already",
        "pty": "print a PTY's path and keep running",
        "exec": "code to run; the exit status is the target's",
        "script": "a script to run (repeatable)",
        "batch": "a script, or a folder with autorun.py, to run without a prompt",
        "keep": "parallels: leave the machine when the run ends",
        "args": "more options of `python -m pyrallax run`",
    },
    iterable=["script"],
    optional=["exec"],
)
def run(
    c,
    machine="direct",
    serial="",
    pty=False,
    exec=None,
    script=None,
    batch="",
    keep=False,
    args="",
):
    """Boot a machine on this terminal, or run code on it."""
    from pyrallax.__main__ import main

    _make("build", quiet=True)
    words = ["run", "--machine", machine] + (["--pty"] if pty else []) + _words(args)
    words += ["--serial", serial] if serial else []
    words += ["--exec", exec] if exec is not None else []
    words += ["--batch", batch] if batch else []
    words += ["--keep"] if keep else []
    _passed(main([*words, "--", *script]))


@task(
    help={
        "suite": "lint, unit, native, qemu, uefi, clients, labs, upstream, fuzz (repeatable)",
        "mark": "an area: boot, probe, storage, usb, display, host, twin, bench",
        "full": "also what takes long",
        "args": "more options for pytest",
    },
    iterable=["suite"],
)
def test(c, suite=None, mark="", full=False, args=""):
    """Run test suites and count what passed, failed, skipped."""
    from pyrallax import lanes
    from pyrallax.failure import guarded

    try:
        chosen = lanes.names(suite)
    except ValueError as why:
        raise Exit(f"test: {why}", code=2) from None
    more = _words(args)
    _passed(guarded(lambda: lanes.run(chosen, mark, full, more), "test"))


@task
def lint(c):
    """Check style and names of Python and C."""
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
    _make("size")


@task(help={"log": "a file with a panic block; stdin when left out", "elf": "the image"})
def symbolize(c, log="", elf=""):
    """Name the functions and lines of a panic block."""
    from pyrallax.__main__ import main

    words = ["symbolize"] + (["--elf", elf] if elf else []) + ([log] if log else [])
    _passed(main(words))


@task(
    help={
        "expect": "expectations (TOML)",
        "machine": "direct, uefi, twin, parallels",
        "serial": "the line of a running machine, in place of a new one",
        "log": "a recorded log, in place of a machine",
        "junit": "write the results here (XML)",
        "args": "more options of `python -m pyrallax watch`",
    },
)
def watch(c, expect, machine="direct", serial="", log="", junit="", args=""):
    """Boot a machine and check what it says on its serial line."""
    from pyrallax.__main__ import main

    words = ["watch", "--expect", expect]
    if not log and not serial:
        _make("build", quiet=True)
        words += ["--machine", machine]
    for option, value in (("--serial", serial), ("--log", log), ("--junit", junit)):
        words += [option, value] if value else []
    _passed(main(words + _words(args)))


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
    """Describe a machine: make, check, show a hardware report."""
    from pyrallax.__main__ import main

    words = ["hwreport", *_words(args)]
    for option, value in (("--serial", serial), ("--out", out), ("--html", html)):
        words += [option, value] if value else []
    _passed(main(words + ([report] if report else [])))


@task(
    help={
        "image": "what to write",
        "partition": "esp, root, a name (sd0p2), or @LBA",
        "serial": "the target's line: tty, PTY, socket, URL",
        "disk": "of several: sd0, sd1",
    }
)
def flash(c, image, partition, serial, disk=""):
    """Write an image to a target's disk over its serial line."""
    from pyrallax.__main__ import main

    words = ["flash", image, "--partition", partition, "--serial", serial]
    _passed(main(words + (["--disk", disk] if disk else [])))


@task(
    help={
        "out": "the file",
        "partition": "esp, root, a name (sd0p2), or @LBA",
        "serial": "the target's line: tty, PTY, socket, URL",
        "size": "bytes, or with k, m, g; all when left out",
        "disk": "of several: sd0, sd1",
    }
)
def readback(c, out, partition, serial, size="", disk=""):
    """Copy a target's disk to a file over its serial line."""
    from pyrallax.__main__ import main

    words = ["readback", out, "--partition", partition, "--serial", serial]
    words += ["--size", size] if size else []
    _passed(main(words + (["--disk", disk] if disk else [])))


@task(
    help={
        "serial": "the target's line: tty, PTY, socket, URL",
        "elf": "an image, not the built one",
    }
)
def ramboot(c, serial, elf=""):
    """Build the firmware and start it in a running target."""
    from pyrallax.__main__ import main

    if not elf:
        _make("quick", quiet=True)
        elf = "build/quick/firmware-stripped.elf"
    _passed(main(["ramboot", elf, "--serial", serial]))


@task(
    help={
        "a": "a trace (JSON lines) of probe.trace",
        "b": "another",
        "args": "more options of `python -m pyrallax trace diff`",
    }
)
def trace_diff(c, a, b, args=""):
    """Find where two traces of register accesses part."""
    from pyrallax.__main__ import main

    _passed(main(["trace", "diff", *_words(args), "--", a, b]))


@task(
    help={
        "file": "the capture (pcapng)",
        "machine": "direct, uefi, twin, parallels",
        "serial": "the line of a running machine, in place of a new one",
        "seconds": "how long; until Ctrl-C when left out",
        "exec": "run this on the target, and stop at its end",
        "args": "more options of `python -m pyrallax usb-capture`",
    }
)
def usb_capture(c, file, machine="direct", serial="", seconds="", exec="", args=""):
    """Record every USB transfer into a file for Wireshark."""
    from pyrallax.__main__ import main

    words = ["usb-capture"]
    if not serial:
        _make("build", quiet=True)
        words += ["--machine", machine]
    for option, value in (("--serial", serial), ("--seconds", seconds), ("--exec", exec)):
        words += [option, value] if value else []
    _passed(main([*words, *_words(args), "--", file]))


@task(
    help={
        "quick": "a short run",
        "json": "write the figures to this file",
        "markdown": "write the table to this file",
        "only": "parts, by comma: boot, interp, micro, probe, size, storage, usb, serial, host",
    }
)
def bench(c, quick=False, json="", markdown="", only=""):
    """Measure firmware, disks beside Linux, what a user waits."""
    from pyrallax.bench import main
    from pyrallax.failure import guarded

    words = ["--quick"] if quick else []
    for option, value in (("--json", json), ("--markdown", markdown), ("--only", only)):
        words += [option, value] if value else []
    _passed(guarded(lambda: main(words), "bench"))


@task
def doctor(c):
    """Tell whether this Mac is ready for Parallels."""
    from pyrallax.__main__ import main

    _passed(main(["doctor"]))


@task(help={"out": "copy all stubs into this folder, too"})
def stubs(c, out=""):
    """Make the type stubs of frozen modules from their source."""
    from pyrallax.failure import guarded
    from pyrallax.stubs import generate

    _passed(guarded(lambda: generate.main(["--out", out] if out else []), "stubs"))


@task
def clean(c):
    """Remove what was built."""
    _make("clean")


namespace = Collection(
    build,
    image,
    run,
    flash,
    readback,
    ramboot,
    test,
    lint,
    format,
    size,
    symbolize,
    hwreport,
    watch,
    trace_diff,
    usb_capture,
    bench,
    stubs,
    clean,
)
namespace.add_collection(Collection("parallels", doctor))
