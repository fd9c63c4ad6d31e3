"""USB: from the controller to a keyboard, keys, reports as fast as they come, disks."""

import sys
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from ..vm.config import Unfit
from . import usb_walls as walls
from .figures import Figure
from .machine import Images, Target
from .peers.linux import Linux
from .peers.packages import NoPeer

KEYBOARD = ["qemu-xhci,id=x", "usb-kbd,bus=x.0"]

# As Linux does it: nothing of the controller is known, its driver is not loaded, and the time that
# counts ends where keys would be heard.
_PROBE = """
import boot
a, i = boot.counter(), boot.instructions()
import keyboard, usb
keys = keyboard.keys()
usb.probe()
b, j = boot.counter(), boot.instructions()
assert keys._keyboards
print(((b - a) / boot.hw()["timer"][1], j - i))
"""


def measure(images: Images, runs: int) -> tuple[list[Figure], dict]:
    """Instructions and virtual time of a probe, then wall times; Linux beside where it is had."""
    took = Figure("usb.probe_to_keyboard_s", "s", [], "virtual time: waits, and work at 1 GHz")
    insns = Figure("usb.probe_insns", "instructions", [])
    with TemporaryDirectory(prefix="pyrallax-bench-") as name:
        folder = Path(name)
        for _ in range(runs):
            with images.machine(device=KEYBOARD, append="noautomount") as vm:
                seconds, count = Target(vm).run(_PROBE)
                took.runs.append(seconds)
                insns.runs.append(count)
        linux = disks = None
        try:
            linux = Linux(("usbhid", "hid_generic", "evdev"), _made(folder, "keys"), ("xhci_pci",))
            disks = Linux(("xhci_pci", "usb_storage", "sd_mod"), _made(folder, "disks"))
            for _ in range(runs):
                with linux.machine(icount=True, device=KEYBOARD) as vm:
                    count, ns = vm.ask("load")
                    took.linux.append(ns / 1e9)
                    insns.linux.append(count)
        except NoPeer as why:
            print(f"bench: Linux is not or not wholly beside: {why}", file=sys.stderr)
        found = [took, insns]
        try:
            found += latency(*walls.keys(images, linux, KEYBOARD, folder, 100 * runs))
        except NoPeer as why:
            print(f"bench: no Linux beside keys: {why}", file=sys.stderr)
        found += walls.reports(images, folder, runs)
        found += walls.reads(images, disks, folder, runs)
    return found, {}


def _made(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


def latency(ours: list[float], theirs: list[float]) -> list[Figure]:
    """Milliseconds of each key as a median and the 99th percentile.  Raises Unfit for too few."""
    if len(ours) < 10:
        raise Unfit(f"{len(ours)} keys came")
    beside = f"{len(ours)} keys, {min(ours):.2f} to {max(ours):.2f}"
    found = []
    for key, of in (("key_latency_ms", median), ("key_latency_p99_ms", _p99)):
        linux = [of(theirs)] if theirs else []
        found.append(Figure(f"usb.{key}", "ms", [of(ours)], beside, linux=linux))
    return found


def _p99(values: list[float]) -> float:
    return quantiles(values, n=100, method="inclusive")[98]
