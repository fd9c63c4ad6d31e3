"""What a machine consists of: its disk, and the settings that `prlctl set` gives it."""

import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ...image import disk, parallels
from ...image.esp import ImageError
from ..config import Unfit
from .ctl import Prlctl, PrlError, one_line
from .usage import Usage

_DEVICES = re.compile(r"(?:hdd|cdrom|serial)\d+")


@dataclass
class Parallels:
    """memory: MiB.  video: MiB, 0 for automatic.  network: "shared" or "none".

    root: a folder that becomes the ext2 root of the disk, None for an empty one; size: of the
    disk.  line: "auto", "socket" or "file" (output only).  input: "serial", or "keyboard" where
    the line takes none.  keep: leave it when the run ends.
    """

    cpus: int = 1
    memory: int = 2048
    video: int = 0
    network: str = "shared"
    root: Path | None = None
    size: str = "256m"
    cmdline: str | None = None
    line: str = "auto"
    input: str = "serial"
    keep: bool = False


def make_disk(config: Parallels, folder: Path) -> Path:
    bundle = folder / "disk.hdd"
    try:
        with tempfile.TemporaryDirectory(dir=folder) as work:
            root = config.root or Path(work, "empty")
            if not config.root:
                root.mkdir()
            raw = Path(work, "raw")
            files = disk.esp_files(config.cmdline, Path(work))
            disk.build(raw, root, disk.size_of(config.size), files)
            parallels.bundle(raw, bundle)
    except ImageError as why:
        raise Unfit(str(why)) from None
    except OSError as why:
        raise Unfit(
            f"no disk for the machine: {why}: free space, or mend the permission"
        ) from None
    return bundle


class Maker:
    """Gives one machine its settings.  say: gets what it goes without."""

    def __init__(self, prlctl: Prlctl, usage: Usage, uuid: str, say: Callable[[str], None]):
        self._prlctl = prlctl
        self._usage = usage
        self._uuid = uuid
        self._say = say

    def _set(self, *words: str) -> None:
        self._prlctl.run("set", self._uuid, *words)

    def _try(self, *words: str) -> bool:
        """A setting that a machine can do without; whether it was taken."""
        try:
            self._set(*words)
        except PrlError as why:
            self._say(f"Parallels did not take {' '.join(words)} ({one_line(why.said)}); going on")
            return False
        return True

    def configure(self, c: Parallels, bundle: Path) -> None:
        """All but the serial port.  Raises Unfit for what a machine cannot do without."""
        made = self._prlctl.details(self._uuid)
        self._set("--cpus", str(c.cpus), "--memsize", str(c.memory))
        # Newer ones name the firmware; on Apple silicon there is only UEFI.
        if self._usage.has("--efi-boot"):
            self._set("--efi-boot", "on")
        elif self._usage.has("--bios-type"):
            arm = "efi-arm64" in self._usage.values("--bios-type")
            self._try("--bios-type", "efi-arm64" if arm else "efi64")
        if any(re.search("secure boot", key, re.I) and made[key] == "on" for key in made):
            self._try("--efi-secure-boot", "off")  # nobody has signed our shim
        if c.video:
            self._set("--videosize", str(c.video))
        self._try("--3d-accelerate", "highest")
        if not self._try("--autostop", "shutdown"):  # suspend, its default, never ends
            self._try("--autostop", "stop")
        for device in self._devices(made):
            # A disk or port that stays takes the number that ours is known by.
            needed = made.get("Hardware") and not device.startswith("cdrom")
            (self._set if needed else self._try)("--device-del", device)
        self._set(
            "--device-add", "hdd", "--image", str(bundle), "--type", "plain", "--position", "0"
        )
        self._set("--device-bootorder", "hdd0")  # an empty CD drive in front can hang the start
        if c.network == "none":
            self._set("--device-del", "net0")
        elif c.network != "shared":
            raise Unfit(f"network {c.network!r}: there are shared and none")

    def _devices(self, made: dict) -> list[str]:
        """What a fresh machine has and ours shall not have: disks, CD drives, serial ports."""
        hardware = made.get("Hardware")
        if not hardware:
            return ["cdrom0", "serial0"]  # what it had when somebody last looked
        return [name for name in hardware if _DEVICES.fullmatch(name)]

    def add_socket(self, path: Path) -> bool:
        """A serial port that Parallels listens for at this path; False where there is none."""
        how = self._usage.socket
        if not how or not self._try("--device-add", "serial", *how.words(str(path))):
            return False
        self._connect_serial()
        return True

    def add_file(self, path: Path) -> None:
        """A serial port that writes a file."""
        path.unlink(missing_ok=True)  # Parallels would append, or ask
        self._set("--device-add", "serial", "--output", str(path))
        self._connect_serial()

    def _connect_serial(self) -> None:
        """A new port says nothing until it is connected."""
        if not self._try("--device-set", "serial0", "--connect"):
            self._set("--device-connect", "serial0")
