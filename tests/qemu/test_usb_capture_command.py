"""`pyrallax usb-capture` as a person calls it: the file, what is said, the exit status."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.usb

_DEVICES = ("--device", "qemu-xhci,id=x", "--device", "usb-kbd,bus=x.0")


def called(path, *words):
    argv = [sys.executable, "-m", "pyrallax", "usb-capture", str(path), *words, *_DEVICES]
    return subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)


def test_until_the_code_has_run(tmp_path):
    path = tmp_path / "usb.pcapng"
    code = "import usb; print(usb.devices()[0].control(0x80, 0, 0, 0, 2))"
    done = called(path, "--exec", code)
    assert done.returncode == 0, done.stderr
    answer, said = done.stdout.splitlines()
    assert "\\x0" in answer and said.startswith(f"{path}: ") and said.endswith(" 0 lost")
    rows = subprocess.run(
        ["tshark", "-r", path, "-T", "fields", "-e", "usb.idVendor", "-e", "usb.setup.bRequest"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout.splitlines()
    vendors, requests = zip(*(row.split("\t") for row in rows), strict=True)
    assert vendors.count("0x0627") >= 1  # how the keyboard was taken in
    assert requests[-2] == "0", rows[-4:]  # GET_STATUS: what the code asked


def test_code_that_fails(tmp_path):
    done = called(tmp_path / "usb.pcapng", "--exec", "1 // 0")
    assert done.returncode == 1
    assert (
        "ZeroDivisionError" in done.stderr
        and 'Traceback (most recent call last):\n  File "/' not in done.stderr
    )
    assert not (tmp_path / "usb.pcapng").exists()
