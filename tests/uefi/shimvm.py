"""Start the shim in QEMU with an image of the test's own, and read what it says."""

import re
import time
from collections.abc import Callable
from pathlib import Path

from pyrallax import BUILD
from pyrallax.image import esp
from pyrallax.vm.qemu import Vm
from pyrallax.wire import WireClosed

_LINE = re.compile(r"^\[shim\] ([a-z0-9-]+)((?: [a-z0-9_]+=(?:\"[^\"]*\"|[^ \"]+))*)$")
_PAIR = re.compile(r" ([a-z0-9_]+)=(\"[^\"]*\"|[^ \"]+)")


def esp_image(folder: Path, firmware: bytes | None, cmdline: bytes | None = None) -> Path:
    """An EFI system partition with the built shim and these files."""
    files = {"EFI/BOOT/BOOTAA64.EFI": BUILD / "boot" / "BOOTAA64.EFI"}
    for name, data in (("firmware.elf", firmware), ("cmdline.txt", cmdline)):
        if data is not None:
            (folder / name).write_bytes(data)
            files[f"pyrallax/{name}"] = folder / name
    image = folder / "esp.img"
    esp.build(image, files)
    return image


def read_until(vm: Vm, done: str, timeout: float = 60.0) -> str:
    """What comes from the serial line up to a match of the expression `done`; leaves the rest.

    Raises AssertionError when it does not within `timeout` seconds.
    """
    text = ""
    end = time.monotonic() + timeout
    while not (match := re.search(done, text, re.M)):
        left = end - time.monotonic()
        assert left > 0, f"no {done!r} in {timeout} s:\n{text}"
        try:
            text += vm.wire.read(min(left, 1.0)).decode(errors="replace").replace("\r", "")
        except WireClosed as why:
            raise AssertionError(f"{why}:\n{text}") from None
    vm.wire.unread(text[match.end() :].encode())
    return text[: match.end()]


def boot(
    vm_factory: Callable[..., Vm],
    folder: Path,
    firmware: bytes | None,
    done: str = r"^OK$",
    cmdline: bytes | None = None,
    **options,
) -> tuple[Vm, str]:
    """A machine that boots this firmware by UEFI, and what it said until `done`."""
    vm = vm_factory(machine="uefi", esp=esp_image(folder, firmware, cmdline), **options)
    return vm, read_until(vm, done)


def events(text: str) -> list[tuple[str, dict[str, str]]]:
    """The shim's lines as (event, values).  Raises AssertionError at one not in the grammar."""
    found = []
    for line in text.splitlines():
        if line.startswith("[shim]"):
            match = _LINE.match(line)
            assert match, f"not in the grammar: {line!r}"
            values = {k: v.strip('"') for k, v in _PAIR.findall(match[2])}
            found.append((match[1], values))
    return found


def of(found: list[tuple[str, dict[str, str]]], event: str) -> list[dict[str, str]]:
    """Values of the lines of one event."""
    return [values for name, values in found if name == event]
