"""A firmware file that cannot be right is a refused boot: a line with the reason, back to UEFI."""

import pytest
from dummy_elf import KERNEL_BASE, PAGE, build, note
from shimvm import boot, events, of

pytestmark = pytest.mark.boot

GOOD = build()
BUILD_ID = note(b"GNU\0", 3, bytes(20))
CRC = note(b"Pyrallax\0", 1, bytes(4))


def _flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


CASES = {
    "missing": (None, "read-firmware", "not-found"),
    "empty": (b"", "check-firmware", "not-elf"),
    "not-elf": (b"#!/bin/sh\n" * 100, "check-firmware", "not-elf"),
    "truncated": (GOOD[:5000], "check-firmware", "segment-outside-file"),
    "truncated-late": (GOOD[:-100], "check-firmware", "bad-checksum"),
    "wrong-machine": (build(machine=62), "check-firmware", "wrong-machine"),
    "corrupted": (_flip(GOOD, PAGE + 8), "check-firmware", "bad-checksum"),
    "no-build-id": (build(notes=CRC), "check-firmware", "no-build-id"),
    "no-checksum": (build(notes=BUILD_ID), "check-firmware", "no-checksum-note"),
    "write-execute": (
        build(segments=[(7, KERNEL_BASE, PAGE, PAGE), (4, KERNEL_BASE + PAGE, PAGE, PAGE)]),
        "check-firmware",
        "segment-writable-and-executable",
    ),
    "too-large-for-memory": (
        build(segments=[(5, KERNEL_BASE, PAGE, PAGE), (6, KERNEL_BASE + PAGE, 0, 1 << 40)]),
        "check-firmware",
        "image-too-large",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_refused(vm_factory, tmp_path, case):
    firmware, step, reason = CASES[case]
    # Both places: the raw UART (a complete line of the log), and the firmware's console.
    error = rf"\[shim\] error step={step} status=0x[0-9a-f]+ reason={reason}"
    _, text = boot(vm_factory, tmp_path, firmware, done=rf"{error}\n(.*\n)*.*{error}")
    (values,) = {tuple(v.items()) for v in of(events(text), "error")}
    assert int(dict(values)["status"], 16) >> 63 == 1
    assert not of(events(text), "jump")


def test_back_to_the_firmware(vm_factory, tmp_path):
    """UEFI goes on: its boot manager reports what the shim returned."""
    boot(vm_factory, tmp_path, None, done=r"BdsDxe: failed to start .*Not Found$")


def test_garbage_on_the_command_line(vm_factory, tmp_path):
    junk = bytes(range(1, 256)) * 20
    _, text = boot(vm_factory, tmp_path, GOOD, cmdline=junk)
    found = events(text)
    assert of(found, "cmdline-odd")
    assert of(found, "jump")
