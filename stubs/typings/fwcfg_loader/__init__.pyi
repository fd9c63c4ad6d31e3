# Made by `inv stubs` from frozen/bus/fwcfg_loader.py: do not edit.
"""QEMU's table loader: the script by which a firmware joins the files of fw_cfg into ACPI tables.

Commands of 128 bytes (QEMU hw/acpi/bios-linker-loader.c).  Not done: WRITE_POINTER, which tells
QEMU an address.
"""

from _typeshed import Incomplete

class LoaderError(ValueError):
    """A script that is none or that does not fit its files."""

def run(script: Incomplete, read: Incomplete, place: Incomplete) -> dict[Incomplete, Incomplete]:
    """Run a script.  -> file name -> (address, buffer), which the caller keeps with the tables.

    read(name) -> content of a file.  place(size, align) -> (address, writable buffer).
    Zeros at the end of a file are left out, by pages: QEMU fills its tables up to 128 KiB.
    Raises LoaderError, and what read and place raise.
    """
