# Made by `inv stubs` from frozen/system/mounts.py: do not edit.
"""File systems of the disks at boot: the root at /, the EFI system partition at /esp.

Nothing is ever made or repaired here: what is broken is logged and left out.
"""

from _typeshed import Incomplete

def start(cmdline: Incomplete, seen: Incomplete | None = None) -> bool:
    """Mount what a command line asks for: whether there is a root now.

    What goes wrong becomes a line of the log.  seen: what boot.storage() gave; after "acpi", and
    without `root=`, the disks are looked for only where ACPI tables name a controller.
    """

def options(cmdline: Incomplete) -> dict[Incomplete, Incomplete]:
    """{key: value} of a command line; the first word with a key counts."""

def flags(text: Incomplete) -> dict[Incomplete, Incomplete]:
    """rootflags= as keyword arguments of VfsExt2: "ro,sb=32768,cache=8m".  Raises ValueError."""

def volumes(disk: Incomplete) -> Incomplete:
    """[block device, …]: a disk's partitions, or itself where it has no table."""

def mount(disks: Incomplete, words: Incomplete) -> list[Incomplete]:
    """Mount root and ESP from these disks; words: options().  Gives [(mount point, name), …]."""

def find_root(every: Incomplete, wanted: Incomplete) -> Incomplete:
    """The block device that is to be the root, or None."""

def find_esp(found: Incomplete, root: Incomplete) -> Incomplete:
    """The EFI system partition: on the root's disk if there is one, else the first."""

def place(name: Incomplete) -> Incomplete:
    """Where the file system of a block device is mounted now, or None."""

def stop() -> None:
    """Unmount everything, the last first: what waits is written, the disks are marked clean."""
