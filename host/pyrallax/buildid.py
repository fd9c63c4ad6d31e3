"""Which build an image is, and whether a machine runs it (docs/reference/boot.md, build_id)."""

import mmap
import re
from pathlib import Path

from . import BUILD
from .vm.config import Unfit

ELF = BUILD / "firmware.elf"
QUICK = BUILD / "quick" / "firmware.elf"  # of `inv ramboot`
_NOTE = bytes.fromhex("04000000 14000000 03000000") + b"GNU\0"  # NT_GNU_BUILD_ID, 20 bytes
_SHORT = 8  # digits, as the banner has them
_BANNER = re.compile(rb"^Pyrallax \S+ \(build ([0-9a-f]{8,40})\)", re.M)


def build_id(image: Path) -> str:
    """Of an ELF, or of the first one in a disk image, in hexadecimal; "" without any."""
    with image.open("rb") as file:
        if not image.stat().st_size:
            return ""
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            at = data.find(_NOTE)
            return data[at + len(_NOTE) : at + len(_NOTE) + 20].hex() if at >= 0 else ""


def check_image(image: Path) -> None:
    """Raises Unfit when a disk image holds another build than the firmware.elf beside it."""
    elf = image.with_name(ELF.name)
    if not image.is_file() or not elf.is_file():
        return
    inside, built = build_id(image), build_id(elf)
    if inside and built and inside != built:
        raise Unfit(
            f"{image.name} is too old: it holds build {inside[:_SHORT]}, {elf.name} is"
            f" {built[:_SHORT]}: run `inv build`"
        )


def elf_of(said: str) -> Path:
    """The ELF that has a build id, or its first digits; `ELF` when none has."""
    return QUICK if said and QUICK.is_file() and build_id(QUICK).startswith(said) else ELF


def other_build(said: bytes | str, elf: Path | None = None) -> str:
    """A line when a banner, or a build id, is not of this ELF (None: of any built); else ""."""
    if isinstance(said, bytes):
        found = _BANNER.findall(said)
        said = found[-1].decode() if found else ""
    elf = elf or elf_of(said)
    built = build_id(elf) if elf.is_file() else ""
    if not said or not built or built.startswith(said):
        return ""
    return (
        f"the machine runs build {said[:_SHORT]}, {elf.name} is {built[:_SHORT]}: names and"
        " features may differ; `inv ramboot` starts the built one"
    )
