# SPDX-License-Identifier: GPL-2.0-or-later
"""Images to and from media of the target, firmware to its memory; all through esptool.cmds."""

import hashlib
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from esptool import cmds

from ..vm.config import Unfit
from .errors import told
from .target import Medium, Target

REGION = 1 << 20  # what is compared, and skipped where it is equal
_RUN = 4 << 20  # what is written, and verified, at once
_WINDOW = 1 << 30  # esptool's addresses are 32 bits
_WORD = 4  # esptool pads images to that

Show = Callable[[int, str], None]


class Place(NamedTuple):
    """Where an image goes: byte `at` of a medium, `size` bytes of room."""

    medium: Medium
    at: int
    size: int


class Outcome(NamedTuple):
    """Bytes of the image, and how many of them were different and were written."""

    size: int
    written: int


def find(media: list[Medium], partition: str, disk: str = "") -> Place:
    """The place that --partition esp, root, a name or @LBA (of --disk) means.  Raises Unfit."""
    names = ", ".join(f"{m.name} ({m.kind}, {m.size >> 20} MiB)" for m in media)
    if not media:
        raise Unfit("the target has no disk that its AHCI driver knows")
    if partition.startswith("@"):
        try:
            lba = int(partition[1:], 0)
        except ValueError:
            raise Unfit(f"--partition {partition}: @LBA is a number of a block: @2048") from None
        disks = [m for m in media if not _is_partition(m, media) and disk in ("", m.name)]
        if not disks:
            raise Unfit(f"--disk {disk} is not there; the target has {names}")
        medium = _only(disks, partition, "name one with --disk")
        if not 0 <= lba * medium.block < medium.size:
            blocks = medium.size // medium.block
            raise Unfit(f"--partition {partition}: {medium.name} has {blocks} blocks")
        return Place(medium, lba * medium.block, medium.size - lba * medium.block)
    fits = [m for m in media if m.name == partition or partition == m.kind in ("esp", "root")]
    if disk:
        fits = [m for m in fits if m.name == disk or m.name.startswith(f"{disk}p")]
    if not fits:
        raise Unfit(f"--partition {partition} is not there; the target has {names}")
    medium = _only(fits, partition, "name one, or its --disk")
    return Place(medium, 0, medium.size)


def _only(fits: list[Medium], partition: str, advice: str) -> Medium:
    """The wrong disk, once written, is lost: which of several it is, the user says."""
    if len(fits) > 1:
        several = ", ".join(m.name for m in fits)
        raise Unfit(f"--partition {partition} may be each of {several}: {advice}")
    return fits[0]


def _is_partition(m: Medium, media: list[Medium]) -> bool:
    return any(m.name.startswith(f"{other.name}p") for other in media)


def flash(target: Target, image: BinaryIO, size: int, place: Place, show: Show) -> Outcome:
    """Write an image; what the medium has already is left alone.  Raises Unfit."""
    medium = place.medium
    if size > place.size:
        raise Unfit(f"the image has {size} bytes, there is room for {place.size} on {medium.name}")
    if not size:
        raise Unfit("the image is empty")
    if medium.read_only:
        raise Unfit(f"{medium.name} is read-only")
    written = 0
    with told(target.reason, f"flashing {medium.name}"):
        target.select(medium)
        for start in range(0, size, _WINDOW):
            target.window(place.at + start)
            end = min(start + _WINDOW, size)
            for at, data in _runs(target, image, start, end, lambda n: show(n, "")):
                _write(target, at - start, data)
                written += len(data)
                show(at + len(data), f", {written >> 20} MiB written")
    return Outcome(size, written)


def _runs(
    target: Target, image: BinaryIO, start: int, end: int, show: Callable[[int], None]
) -> Iterator[tuple[int, bytes]]:
    """(place in the image, data): regions that differ on the medium, neighbours together."""
    run = b""
    at = start
    while at < end:
        image.seek(at)
        region = image.read(min(REGION, end - at))
        if len(region) < min(REGION, end - at):
            raise Unfit("the image became shorter while it was read: give the command again")
        equal = target.flash_md5sum(at - start, len(region)) == hashlib.md5(region).hexdigest()
        if run and (equal or len(run) >= _RUN):
            yield at - len(run), run
            run = b""
        if not equal:
            run += region
        at += len(region)
        show(at - len(run))
    if run:
        yield end - len(run), run


def _write(target: Target, at: int, data: bytes) -> None:
    """Write and verify, by MD5 of what the target reads from the medium."""
    target.changed = True
    if len(data) % _WORD:
        # esptool would pad with 0xff: what the medium has there is written back in its place.
        data += target.read_flash(at + len(data), _WORD - len(data) % _WORD)
    cmds.write_flash(target, [(at, data)], force=True, no_progress=True)


def readback(target: Target, out: BinaryIO, place: Place, size: int, show: Show) -> None:
    """Copy bytes of a medium to a file.  Raises Unfit."""
    if size > place.size:
        raise Unfit(f"--size {size}: {place.medium.name} has {place.size} bytes from there on")
    with told(target.reason, f"reading {place.medium.name}"):
        target.select(place.medium)
        for start in range(0, size, _WINDOW):
            target.window(place.at + start)
            end = min(start + _WINDOW, size)
            for at in range(start, end, REGION):
                n = min(REGION, end - at)
                out.write(cmds.read_flash(target, at - start, n, no_progress=True))
                show(at + n, "")


def ramboot(target: Target, elf: Path, show: Show) -> None:
    """Load a firmware to memory and start it; the loader is left.  Raises Unfit, OSError."""
    data = zlib.compress(elf.read_bytes(), 6)
    block = target.ESP_RAM_BLOCK
    count = -(-len(data) // block)
    with told(target.reason, f"loading {elf.name}"):
        target.mem_begin(len(data), count, block, 0)
        for seq in range(count):
            target.mem_block(data[seq * block : (seq + 1) * block], seq)
            show(min((seq + 1) * block, len(data)), "")
        target.mem_finish(1)
        target.release()
