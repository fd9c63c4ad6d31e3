"""Options and markers, and what is refused before a test runs."""

import shutil
import subprocess
from pathlib import Path

import pytest

from ..vm.config import QEMU

KINDS = {
    "qemu": "QEMU, the firmware loaded directly",
    "uefi": "QEMU, by UEFI",
    "twin": "QEMU in the shape of Parallels (11.1 or later), by UEFI",
    "parallels": "Parallels Desktop",
    "serial": "a running machine on a tty or URL, --serial",
    "pty": "a running machine behind a PTY, --serial",
}
EMULATED = ("qemu", "uefi", "twin")
ATTACHED = ("serial", "pty")
_OF_EMBEDDED = "record_xml_attribute is "  # experimental, incompatible with JUnit: as it may be
_MARKERS = (
    "needs_device(name): skip on a machine without it: ahci, VVVV:DDDD (PCI), PRL4010 (ACPI)",
    "machine(*kinds): run on these kinds of --vm only",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("pyrallax", "machines of Pyrallax")
    add = group.addoption
    kinds = ", ".join(f"{name} ({text})" for name, text in KINDS.items())
    add("--vm", metavar="KIND", help=f"what `vm` is: {kinds}; qemu without it")
    add("--serial", metavar="URL", help="tty, PTY, Unix socket, socket://HOST:PORT, rfc2217://…")
    add("--vm-log", metavar="DIR", help="folder of serial logs and screenshots (artifacts)")
    add("--keep-vm", action="store_true", help="when all is done hold the machine, behind a PTY")
    add("--accel", metavar="NAME", help="accelerator of QEMU: tcg, hvf, kvm")


def pytest_configure(config: pytest.Config) -> None:
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)
    if config.pluginmanager.hasplugin("pytest_embedded"):  # .venv has it; it warns in each test
        config.addinivalue_line("filterwarnings", f"ignore:{_OF_EMBEDDED}")
    kind(config)
    _check_line(config)
    _check_accelerator(config)
    _check_workers(config)


def kind(config: pytest.Config) -> str:
    """The kind of machine that was asked for.  Raises UsageError."""
    chosen = config.getoption("vm") or ("serial" if config.getoption("serial") else "qemu")
    if chosen not in KINDS:
        raise pytest.UsageError(f"--vm {chosen}: there are {', '.join(KINDS)}")
    return chosen


def log_folder(config: pytest.Config) -> Path:
    """Where serial logs and screenshots go."""
    asked = config.getoption("vm_log")
    return config.invocation_params.dir / (asked or "artifacts")


def _check_line(config: pytest.Config) -> None:
    chosen, line = kind(config), config.getoption("serial")
    if line and chosen not in ATTACHED:
        raise pytest.UsageError(f"--serial is for --vm {' or '.join(ATTACHED)}, not {chosen}")
    if not line and chosen in ATTACHED:
        raise pytest.UsageError(f"--vm {chosen} needs --serial: the path or URL of its line")
    if "--serial" in config.invocation_params.args and Path(line).exists():
        # Before it knows our options pytest looks for its root where paths among the words are.
        raise pytest.UsageError(f"write --serial={line}: pytest takes a path that stands alone")
    if chosen == "pty" and "://" in line:
        raise pytest.UsageError(f"--vm pty takes the path of a PTY; --vm serial takes {line}")


def _check_accelerator(config: pytest.Config) -> None:
    wanted = config.getoption("accel")
    if not wanted:
        return
    if kind(config) not in EMULATED:
        raise pytest.UsageError(f"--accel is for --vm {', '.join(EMULATED)}")
    if not shutil.which(QEMU):
        return  # starting it says so
    said = subprocess.run([QEMU, "-accel", "help"], capture_output=True, text=True).stdout
    known = said.split("\n")[1:]
    if wanted.partition(",")[0] not in known:
        raise pytest.UsageError(
            f"--accel {wanted}: this QEMU has {', '.join(filter(None, known)) or 'none'}"
        )


def _check_workers(config: pytest.Config) -> None:
    """One line, or one machine to hold at the end, is not for several workers."""
    if hasattr(config, "workerinput") or not config.getoption("tx", None):
        return
    if kind(config) in ATTACHED and len(config.getoption("tx")) > 1:
        raise pytest.UsageError(f"--vm {kind(config)} is one machine for one worker: leave -n out")
    if config.getoption("keep_vm"):
        raise pytest.UsageError("--keep-vm holds the machine of one worker: leave -n out")
