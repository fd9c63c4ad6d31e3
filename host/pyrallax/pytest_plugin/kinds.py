"""A machine of each kind that --vm names."""

import pytest

from ..vm.attached import Attached
from ..vm.config import PARALLELS, Config, Unfit
from ..vm.machine import Machine
from ..vm.qemu import Vm
from .options import ATTACHED, EMULATED, kind

# What a test may look at and type on.
_SCREEN = "virtio-gpu-pci"
_KEYBOARD = ["qemu-xhci,id=xhci", "usb-kbd,bus=xhci.0"]
_HOST_CPU = ("hvf", "kvm")  # these run the host's own CPU only


def usual(config: pytest.Config) -> Config | None:
    """What a QEMU machine of this run consists of, None when it is no QEMU.  May be changed."""
    chosen = kind(config)
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


def make(config: pytest.Config, name: str, qemu: Config | None) -> Machine:
    """A machine that is not started.  Raises Unfit."""
    chosen = kind(config)
    if chosen in ATTACHED:
        return Attached(config.getoption("serial"), name, chosen)
    if chosen == "parallels":
        return _parallels(name)
    return Vm(qemu, name)


def _parallels(name: str) -> Machine:
    try:
        from ..vm.parallels import Parallels, ParallelsVm
    except ImportError:
        raise Unfit("this version of pyrallax has no machines of Parallels") from None
    return ParallelsVm(Parallels(), name)
