"""What a QEMU machine consists of, and the command line that makes it."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from .. import BUILD, ROOT
from ..tools import BREW

QEMU = os.environ.get("PYRALLAX_QEMU") or "qemu-system-aarch64"
EDK2 = os.environ.get("PYRALLAX_EDK2")  # folder of UEFI firmware that goes before the system's

# Parallels' interrupts: GICv3 without ITS, messages by GICv2m.  `virt-6.1` because newer types
# tell of LPIs (GICD_TYPER) that nothing can send.
PARALLELS = {"gic": 3, "machine_type": "virt-6.1", "msi": "gicv2m"}
_MSI_SINCE = (11, 1)  # version of QEMU that has the machine's option `msi`


class Unfit(Exception):
    """The machine cannot be started as asked.  str(): what is missing and how to mend it."""


class TooOld(Unfit):
    """This QEMU has no such machine; a newer one has."""


@dataclass
class Config:
    """A QEMU `virt` machine.  memory: MiB.  gic: 2 or 3.  device: extra `-device` values.

    machine_type: `virt` or one of its versions (`qemu-system-aarch64 -M help`).  msi: "gicv2m",
    "its" or "off" (QEMU 11.1); else gic 2 has GICv2m and gic 3 an ITS.

    machine: "direct" loads the firmware with -kernel; "uefi" boots the ESP through edk2.
    extra: further arguments as QEMU takes them.  icount: one virtual nanosecond per instruction,
    repeatable.  paused: wait for QMP's `cont`.  append: kernel command line (direct only; by UEFI
    it is in the image).  esp: an image, or a folder that QEMU serves as a read-only disk; its
    requests complete at once, so that counting instructions repeats.
    """

    machine: str = "direct"
    cpus: int = 1
    memory: int = 512
    gic: int = 2
    cpu: str = "cortex-a72"
    machine_type: str = "virt"
    msi: str = ""
    append: str = ""
    display: str = "none"
    icount: bool = False
    paused: bool = False
    machine_options: str = ""
    device: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    firmware: Path = BUILD / "firmware.elf"
    esp: Path = BUILD / "esp.img"

    @property
    def msi_kind(self) -> str | None:
        """What brings messages: "v2m", "its" or None, as irq.info()["msi"] says."""
        if self.msi:
            return {"gicv2m": "v2m", "its": "its", "off": None}[self.msi]
        if self.gic == 2:
            return "v2m"
        return None if "its=off" in self.machine_options.split(",") else "its"

    def arguments(self) -> list[str]:
        """The command line less serial port and monitor.  Raises Unfit."""
        if not shutil.which(QEMU):
            raise Unfit(f"{QEMU} is not installed: run `make setup`")
        options = f"{self.machine_type},gic-version={self.gic}"
        if self.msi:
            if qemu_version(QEMU) < _MSI_SINCE:
                raise TooOld("the machine's msi needs QEMU 11.1: set PYRALLAX_QEMU to one")
            options += f",msi={self.msi}"
        if self.machine_options:
            options += f",{self.machine_options}"
        argv = [
            QEMU,
            "-M",
            options,
            "-cpu",
            self.cpu,
            "-smp",
            str(self.cpus),
            "-m",
            str(self.memory),
        ]
        argv += ["-nodefaults", "-no-user-config", "-nic", "none", "-display", "none"]
        if self.icount:
            argv += ["-icount", "shift=0,sleep=off"]
        if self.paused:
            argv.append("-S")
        argv += self._boot()
        devices = ([] if self.display == "none" else [self.display]) + self.device
        for device in devices:
            argv += ["-device", device]
        return argv + self.extra

    def _boot(self) -> list[str]:
        if self.machine == "direct":
            _need(self.firmware)
            return ["-kernel", str(self.firmware)] + (
                ["-append", self.append] if self.append else []
            )
        if self.machine != "uefi":
            raise Unfit(f"machine {self.machine!r}: there are direct and uefi")
        if self.append:
            raise Unfit("by UEFI the command line is in the image: make CMDLINE=… run")
        _need(self.esp)
        code, variables = edk2()
        # edk2's Debian build has no AHCI driver, so the ESP is on virtio.  snapshot=on: what the
        # machine writes goes to a private temporary file.
        return [
            "-drive",
            f"if=pflash,unit=0,format=raw,readonly=on,file={_path(code)}",
            "-drive",
            f"if=pflash,unit=1,format=raw,snapshot=on,file={_path(variables)}",
            "-drive",
            *self._disk(),
            "-boot",
            "menu=on,splash-time=0",
        ]

    def _disk(self) -> list[str]:
        if self.esp.is_dir():
            return [
                f"if=none,id=esp,driver=vvfat,dir={_path(self.esp)},read-only=on",
                "-device",
                "virtio-blk-pci,drive=esp,bootindex=0,ioeventfd=off",
            ]
        return [
            f"if=none,id=esp,format=raw,snapshot=on,file={_path(self.esp)}",
            "-device",
            "virtio-blk-pci,drive=esp,bootindex=0",
        ]


def _path(path: Path) -> str:
    """A path within an option of QEMU, where a comma ends a value unless it is doubled."""
    return str(path).replace(",", ",,")


def _need(image: Path) -> None:
    if not image.exists():
        if not (ROOT / "Makefile").is_file():
            raise Unfit(f"{ROOT} is no repository of Pyrallax: set PYRALLAX_ROOT to one")
        raise Unfit(f"there is no {image}: run `make setup` (or `inv build`)")


@lru_cache
def qemu_version(program: str = QEMU) -> tuple[int, ...]:
    """QEMU's version as numbers, (0,) when it does not say."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    except OSError:
        return (0,)
    found = re.search(r"version (\d+(?:\.\d+)*)", said)
    return tuple(map(int, found[1].split("."))) if found else (0,)


def edk2() -> tuple[Path, Path]:
    """Code and variable store of the UEFI firmware for QEMU.  Raises Unfit."""
    places = [("/usr/share/AAVMF", "AAVMF_CODE.fd", "AAVMF_VARS.fd")]
    if sys.platform == "darwin":
        share = f"{BREW}/share/qemu"
        places.append((share, "edk2-aarch64-code.fd", "edk2-arm-vars.fd"))
    if EDK2:
        places = [(EDK2, code, variables) for _, code, variables in places]
    for folder, code, variables in places:
        if (Path(folder) / code).is_file() and (Path(folder) / variables).is_file():
            return Path(folder) / code, Path(folder) / variables
    if EDK2:
        raise Unfit(f"PYRALLAX_EDK2: there is no {' or '.join(c for _, c, _ in places)} in {EDK2}")
    raise Unfit("there is no UEFI firmware for QEMU (qemu-efi-aarch64): run `make setup`")
