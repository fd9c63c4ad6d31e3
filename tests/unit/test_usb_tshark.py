"""tshark reads what usbcap writes: devices, descriptors, requests, reports, how they ended."""

import subprocess
import sys
from pathlib import Path

import pytest

from pyrallax import ROOT

pytestmark = pytest.mark.usb

_FIELDS = (
    "usb.urb_type", "usb.transfer_type", "usb.endpoint_address", "usb.device_address",
    "usb.urb_status", "usb.bDescriptorType", "usb.idVendor", "frame.comment", "_ws.malformed",
)  # fmt: skip

# Enumeration of a keyboard and of a disk, a stalled request, two reports; in a process of its own,
# which has the simulated modules where the host has none.
_MAKE = """
import sys
import dma, usb_devices, usb_parallels, usb_storage, usbcap, usbtask
from usb_hcd import Rig
from usbendpoint import Transfer
k = usb_devices.keyboard()
rig = Rig({1: k, 2: usb_storage.Storage()}, {1: usb_parallels.camera()})
capture = usbcap.Capture().start()
rig.settle()
device = [d for d in rig.bus.devices if d.id == "0627:0001"][0]
try:
    device.control(0x80, 6, 0x900, 0, 18)
except OSError:
    pass
t = Transfer(device.endpoints[0x81], dma.alloc(8))
for key in (4, 0):
    t.submit()
    k.send(0x81, bytes((0, 0, key, 0, 0, 0, 0, 0)))
    rig.clock.sleep_ms(2)
capture.stop().save(sys.argv[1])
"""


@pytest.fixture(scope="module")
def capture(tmp_path_factory, tshark) -> Path:
    path = tmp_path_factory.mktemp("usb") / "sim.pcapng"
    places = [ROOT / "tests" / "sim", ROOT / "frozen" / "usb"]
    subprocess.run(
        [sys.executable, "-c", _MAKE, path],
        env={"PYTHONPATH": ":".join(map(str, places))},
        check=True,
    )
    return path


def rows(path: Path, display: str = "") -> list[list[str]]:
    words = ["tshark", "-r", str(path), "-T", "fields", "-E", "separator=|"]
    for name in _FIELDS:
        words += ["-e", name]
    words += ["-Y", display] if display else []
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=True)
    return [line.split("|") for line in done.stdout.splitlines()]


def test_nothing_is_malformed(capture):
    found = rows(capture)
    assert len(found) > 50
    assert all(not row[-1] for row in found), [row for row in found if row[-1]]


def test_descriptors_are_understood(capture):
    vendors = {row[6] for row in rows(capture, "usb.idVendor")}
    assert vendors == {"0x0627", "0x46f4", "0x203a"}
    kinds = ",".join(row[5] for row in rows(capture, "usb.bDescriptorType"))
    assert {"0x01", "0x02", "0x03", "0x04", "0x05"} <= set(kinds.split(","))


def test_ends_have_names_and_errnos(capture):
    stalled = rows(capture, "usb.urb_status == -32")
    assert [row[7] for row in stalled] == ["Stall"]
    assert all(row[7] == "Success" for row in rows(capture, "usb.urb_status == 0"))


def test_reports_are_hid(capture):
    found = rows(capture, "usb.transfer_type == 1 && usb.urb_type == 'C' && usbhid.data")
    assert len(found) == 2, rows(capture, "usb.transfer_type == 1")
