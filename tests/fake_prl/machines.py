"""Machines of the fake prlctl: their disk, made in no time, and what is left of them."""

import uuid

from pyrallax.vm.prl.record import Record


def only_a_table(config, folder):
    """A bundle that holds the begin of a GPT with an ESP."""
    bundle = folder / "disk.hdd"
    bundle.mkdir()
    (bundle / "DiskDescriptor.xml").touch()
    esp = uuid.UUID("C12A7328-F81F-11D2-BA4B-00A0C93EC93B").bytes_le
    (bundle / "disk.hdd.0.{}.hds").write_bytes(bytes(512) + b"EFI PART".ljust(512, b"\0") + esp)
    return bundle


def nothing_left(prl):
    record = Record()
    folders = list((record.folder / "machines").glob("*"))
    return prl.vms() == {} and record.entries() == [] and folders == []
