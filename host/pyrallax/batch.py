"""pyrallax run --batch: a machine that runs a file by itself, and the status that it ends with.

There is no way back for a number that QEMU and Parallels share (semihosting needs TCG, and is an
undefined instruction elsewhere), so the status is the firmware's last line on the serial port.
"""

import argparse
import re
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from . import BUILD, machine_options, symbolize
from .buildid import check_image
from .image import disk, esp
from .image.esp import ImageError
from .run import PANIC_STATUS
from .vm.config import Unfit
from .vm.machine import Machine
from .vm.open import ATTACHED, BY_UEFI, machine
from .wire import WireClosed

TIMEOUT_STATUS = 124  # as timeout(1)
_OPTIONS = "batch panic=off"
_FILE = "autorun.py"
_OFF_S = 10.0  # from the last line until the machine is off
_LEAST = 16 << 20  # bytes of the root
_EACH = 8192  # bytes for a file beside what it holds; mke2fs has an inode for every 8192
_ESP_MIB = 80  # with the partition tables
_KEPT = 256 << 10  # bytes of output to look for the status and a panic in
_EXIT = re.compile(rb"^=== PYRALLAX EXIT (\d+) ===\r?\n", re.M)
_PANIC = re.compile(rb"=== PYRALLAX PANIC \d+ ===.*?=== END PANIC[^\n]*\n", re.S)


def run(a: argparse.Namespace) -> int:
    """The status of the file that `--batch` names.  Raises Unfit."""
    check_options(a)
    with TemporaryDirectory(prefix="pyrallax-") as work, prepared(a, Path(work)) as vm:
        return follow(vm, a.timeout)


def check_options(a: argparse.Namespace) -> None:
    """Refuse what has no sense with --batch.  Raises Unfit."""
    if a.pty or a.exec is not None or a.script:
        raise Unfit("--batch runs its own file: leave out --pty, --exec and scripts")
    if not a.batch.exists():
        raise Unfit(f"there is no {a.batch}: give --batch a script, or a folder with {_FILE}")
    if a.batch.is_dir() and not (a.batch / _FILE).is_file():
        raise Unfit(f"{a.batch} has no {_FILE}: that is the file that runs")
    if machine_options.kind(a) in ATTACHED:
        raise Unfit("--batch boots a machine: leave out --serial")


def prepared(a: argparse.Namespace, work: Path) -> Machine:
    """A machine, not started, that has the file and the boot option.  work: for images."""
    root = a.batch
    if root.is_file():
        root = work / "root"
        root.mkdir()
        shutil.copy(a.batch, root / _FILE)
    size = max(_LEAST, 2 * sum(_taken(path) for path in root.rglob("*")))
    mib = (size + (1 << 20) - 1) >> 20
    kind = machine_options.kind(a)
    options = machine_options.given(a)
    try:
        if kind == "parallels":
            return _on_parallels(options, root, mib)
        return _on_qemu(kind, options, root, mib, work)
    except ImageError as why:
        raise Unfit(str(why)) from None


def _taken(path: Path) -> int:
    """Bytes of the root: what it holds, the rest of its last block, its inode, its name."""
    return _EACH + (path.stat().st_size if path.is_file() else 0)


def _on_parallels(options: dict[str, Any], root: Path, mib: int) -> Machine:
    if "root" in options:
        raise Unfit("--batch makes the root of its folder: leave out --root")
    options["cmdline"] = f"{_OPTIONS} {options.get('cmdline', '')}".strip()
    size = f"{mib + _ESP_MIB}m"
    return machine("parallels", options.pop("name", ""), **{"size": size, **options, "root": root})


def _on_qemu(kind: str, options: dict[str, Any], root: Path, mib: int, work: Path) -> Machine:
    if kind in BY_UEFI:
        check_image(BUILD / "esp.img")
        options["esp"] = work / "esp.img"
        esp.build(options["esp"], disk.esp_files(_OPTIONS, work))
    else:
        options["append"] = f"{_OPTIONS} {options.get('append', '')}".strip()
    image = work / "root.img"
    disk.make_root(image, root, mib << 20, "")
    drive = f"if=none,id=batch,format=raw,snapshot=on,file={image}"
    options["extra"] = [*options.pop("qemu", []), "-drive", drive]
    options["device"] = [
        *options.get("device", []),
        "ahci,id=batch",
        "ide-hd,drive=batch,bus=batch.0",
    ]
    return machine(kind, "run", **options)


def follow(vm: Machine, timeout: float, show: Callable[[bytes], None] | None = None) -> int:
    """Show what the machine says until it is off; the status of its file.

    PANIC_STATUS after a panic, TIMEOUT_STATUS when it is still on after `timeout` s (0: no
    limit), 1 when it ends without a status; the reason is on stderr then.
    """
    assert vm.wire
    show = show or _show
    deadline = time.monotonic() + (timeout or 1e9)
    said = b""
    why = "it is on but says no more"
    while (left := deadline - time.monotonic()) > 0:
        try:
            data = vm.wire.read(min(left, _OFF_S))
        except WireClosed as closed:
            why = str(closed)
            break
        if not data and _EXIT.search(said):
            break  # the platform does not let it power off
        show(data)
        said = (said + data)[-_KEPT:]
    if panic := _PANIC.search(said):
        block = panic[0].decode("utf-8", "backslashreplace").replace("\r\n", "\n")
        print(symbolize.report(block), file=sys.stderr)
        return _say(PANIC_STATUS, "the firmware panicked", vm)
    if statuses := _EXIT.findall(said):
        return int(statuses[-1]) & 0xFF
    if left <= 0:
        return _say(TIMEOUT_STATUS, f"not done after {timeout:g} s", vm)
    return _say(1, f"the machine gave no status: {why}", vm)


def _say(status: int, what: str, vm: Machine) -> int:
    print(f"pyrallax: {what} (serial log: {vm.log_path})", file=sys.stderr)
    return status


def _show(data: bytes) -> None:
    sys.stdout.buffer.write(data.replace(b"\r\n", b"\n"))
    sys.stdout.buffer.flush()
