"""Machines to measure on: copies of the images, instruction counting, code with a result."""

import ast
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import BUILD
from ..repl import Repl
from ..vm.config import QEMU, Config, Unfit
from ..vm.qemu import Vm

NAME = "bench"  # of machines, and so of their serial log
_TIMEOUT_S = 120.0


@dataclass
class Images:
    """What is measured.  esp: a folder, which QEMU serves as a disk that answers at once."""

    firmware: Path
    esp: Path
    build_id: str = ""
    version: str = ""

    @classmethod
    def copy(cls, to: Path) -> "Images":
        """The current build, copied.  Raises Unfit when there is none."""
        esp = to / "esp"
        files = {
            BUILD / "boot" / "BOOTAA64.EFI": esp / "EFI" / "BOOT" / "BOOTAA64.EFI",
            BUILD / "firmware-stripped.elf": esp / "pyrallax" / "firmware.elf",  # as on the ESP
            BUILD / "cmdline.txt": esp / "pyrallax" / "cmdline.txt",
        }
        for source, target in files.items():
            if not source.is_file():
                raise Unfit(f"there is no {source.name}: run `make setup` (or `inv build`)")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        firmware = to / "firmware.elf"
        shutil.copyfile(BUILD / "firmware.elf", firmware)
        images = cls(firmware, esp)
        with images.machine(icount=False) as vm:
            target = Target(vm)
            images.build_id = target.value("boot.build_id()")
            images.version = target.value("boot.version")
        return images

    def machine(self, kind: str = "direct", icount: bool = True, **options: Any) -> Vm:
        """A machine to be used as a context manager.  One instruction is one virtual ns."""
        config = Config(
            machine=kind, icount=icount, firmware=self.firmware, esp=self.esp, **options
        )
        if icount:
            config.extra += ["-rtc", "base=2026-01-01,clock=vm"]  # edk2 reads it
        return Vm(config, name=NAME)


class Target:
    """The raw REPL of a machine that has just booted."""

    def __init__(self, vm: Vm):
        self.repl: Repl = vm.repl(_TIMEOUT_S)
        self.repl.exec("import boot")
        self.ns_per_tick = 1e9 / self.value("boot.hw()['timer'][1]")

    def value(self, expression: str) -> Any:
        """Value of an expression on the target."""
        return self.repl.eval(expression)

    def run(self, code: str) -> Any:
        """Run code in a fresh interpreter; value of the literal in its last line of output."""
        self.repl.soft_reset()
        return ast.literal_eval(self.repl.exec(code, _TIMEOUT_S).strip().splitlines()[-1])


def qemu_version() -> str:
    """QEMU's version, as it says."""
    said = subprocess.run([QEMU, "--version"], capture_output=True, text=True).stdout
    found = re.search(r"version (\S+)", said)
    return found[1] if found else "unknown"
