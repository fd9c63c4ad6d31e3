"""A machine of each kind that --vm names."""

import pytest

from ..vm.config import PARALLELS, Config
from ..vm.machine import Machine
from ..vm.open import machine
from ..vm.parallels import Parallels
from .options import EMULATED, kind

# What a test may look at and type on.
_SCREEN = "virtio-gpu-pci"
_KEYBOARD = ["qemu-xhci,id=xhci", "usb-kbd,bus=xhci.0"]
_HOST_CPU = ("hvf", "kvm")  # these run the host's own CPU only


def usual(config: pytest.Config) -> Config | Parallels | None:
    """What a machine of this run consists of, None when it is there already.  May be changed."""
    chosen = kind(config)
    if chosen == "parallels":
        return Parallels()
    if chosen not in EMULATED:
        return None
    made = Config(machine="direct" if chosen == "qemu" else "uefi", display=_SCREEN)
    made.device += _KEYBOARD
    if chosen == "twin":
        for name, value in PARALLELS.items():
            setattr(made, name, value)
    if accelerator := config.getoption("accel"):
        made.extra += ["-accel", accelerator]
        if accelerator.partition(",")[0] in _HOST_CPU:
            made.cpu = "host"
    return made


def make(config: pytest.Config, name: str, parts: Config | Parallels | None) -> Machine:
    """A machine that is not started.  name: where its kind needs none of its own."""
    if isinstance(parts, Parallels):
        name = ""
    return machine(kind(config), name, where=config.getoption("serial"), config=parts)
