"""The options by which a command is told its machine: `--machine KIND` and what belongs to it."""

import argparse
from pathlib import Path

from .failure import count, whole
from .vm.config import Unfit
from .vm.machine import Machine
from .vm.open import ATTACHED, EMULATED, KINDS, machine

_COMMON = ("cpus", "memory")
_QEMU = ("gic", "cpu", "machine_type", "msi", "display", "append", "device", "qemu")
_PARALLELS = ("keep", "name", "root", "size", "cmdline", "video", "network", "line", "input")
_OWNERS = (
    (_QEMU, EMULATED, "a QEMU machine"),
    (_PARALLELS, ("parallels",), "--machine parallels"),
    (_COMMON, (*EMULATED, "parallels"), "a machine that is started"),
    (("serial",), ATTACHED, "--machine serial or pty"),
)


def add_to(parser: argparse.ArgumentParser, default: str = "direct") -> None:
    """Add the options."""
    add = parser.add_argument
    kinds = "; ".join(f"{kind}: {text}" for kind, text in KINDS.items())
    add("--machine", choices=list(KINDS), default=default, metavar="KIND", help=kinds)
    add("--serial", metavar="URL", help="the line of a running machine: tty, PTY, socket, URL")
    add("--cpus", type=count, default=1)
    add("--memory", type=count, metavar="MIB", help="512; on Parallels 2048")
    add("--gic", type=int, choices=[2, 3], default=2, help="version of the interrupt controller")
    add("--cpu", default="cortex-a72")
    add("--machine-type", default="virt", metavar="TYPE", help="virt or a version: virt-6.1")
    add("--msi", choices=["gicv2m", "its", "off"], default="", help="messages (QEMU 11.1)")
    add("--display", default="none", help="a display device of QEMU: virtio-gpu-pci, ramfb")
    add("--append", default="", metavar="CMDLINE", help="kernel command line (direct)")
    add("--device", action="append", default=[], help="one more device of QEMU")
    add("--qemu", action="append", default=[], metavar="ARG", help="one more argument for QEMU")
    add = parser.add_argument_group("with --machine parallels").add_argument
    add("--keep", action="store_true", help="leave the machine when the run ends")
    add("--name", default="", help="of the machine; without it a new one each time")
    add("--root", type=Path, metavar="DIR", help="what the disk's ext2 root holds")
    add("--size", default="256m", help="of the disk, whole MiB")
    add("--cmdline", metavar="TEXT", help="kernel command line, in place of the build's")
    add("--video", type=whole, default=0, metavar="MIB", help="video memory, 0: automatic")
    add("--network", choices=["shared", "none"], default="shared")
    add("--line", choices=["auto", "socket", "file"], default="auto", help="file: no input")
    add("--input", choices=["serial", "keyboard"], default="serial", help="where keys go in")
    parser.set_defaults(all_options=parser)


def kind(a: argparse.Namespace) -> str:
    """The kind that was asked for: a line alone says that it is one that runs."""
    default = a.all_options.get_default("machine")
    return "serial" if a.serial and a.machine == default else a.machine


def given(a: argparse.Namespace) -> dict[str, object]:
    """What was asked for other than the default, by name.  Raises Unfit: not of this kind."""
    chosen = kind(a)
    found = {}
    for names, kinds, owner in _OWNERS:
        for name in names:
            value = getattr(a, name)
            if value == a.all_options.get_default(name):
                continue
            if chosen not in kinds:
                raise Unfit(f"--{name.replace('_', '-')} is only for {owner}: leave it out")
            found[name] = value
    return found


def of(a: argparse.Namespace, name: str) -> Machine:
    """The machine that the options ask for, not started.  Raises Unfit.

    name: of its log, except in Parallels, where --name or a new one is the machine's.
    """
    options = given(a)
    where = options.pop("serial", None)
    if "qemu" in options:
        options["extra"] = options.pop("qemu")
    chosen = kind(a)
    if chosen == "parallels":
        name = options.pop("name", "")
    return machine(chosen, name, where=where, **options)
