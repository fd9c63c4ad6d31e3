"""Damaged USB descriptors: device, configuration, HID report, string, BOS.  Trees of hubs, pulled.

MicroPython's unix port runs 100,000 cases with --full and 4,000 without; CPython runs a part.  A
finding prints its seed and bytes and gets a unit test.
"""

import sys
from pathlib import Path

import campaign
import pytest

from pyrallax import ROOT

pytestmark = [pytest.mark.usb, pytest.mark.timeout(0)]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    places = [str(ROOT / "tests" / "sim"), str(ROOT / "frozen" / "usb")]
    sys.path[:0] = places
    try:
        import usb_devices
        import usb_hubs
        import usb_parallels
        import usb_serial
        import usb_storage

        models = {
            "keyboard": usb_devices.keyboard(),
            "tablet": usb_devices.tablet("super"),
            "mouse": usb_parallels.mouse(),
            "keys": usb_parallels.keyboard(),
            "camera": usb_parallels.camera(),
            "serial": usb_serial.Serial(),
            "disk": usb_storage.Storage(),
            "hub": usb_hubs.Hub("high", 4, True),
        }
    finally:
        for place in places:
            sys.path.remove(place)
    folder = tmp_path_factory.mktemp("usb")
    for name, model in models.items():
        (folder / f"device-{name}").write_bytes(model.descriptor)
        (folder / f"configuration-{name}").write_bytes(model.configs[0])
        (folder / f"configuration-{name}-again").write_bytes(model.configs[0])  # more often
        for number, report in getattr(model, "reports", {}).items():
            (folder / f"report-{name}{number}").write_bytes(report)
    (folder / "bos-camera").write_bytes(models["camera"].bos)
    (folder / "string-name").write_bytes(usb_devices.string("Gr\u00fc\u00dfe"))
    return folder


@pytest.mark.parametrize("seed", range(4))
def test_unix_port(corpus, full, seed):
    campaign.damaged("unix", "usb_target.py", corpus, seed, 25_000 if full else 1_000)


def test_cpython(corpus, full):
    campaign.damaged("cpython", "usb_target.py", corpus, 77, 20_000 if full else 1_000)


@pytest.mark.parametrize("port", campaign.PORTS)
def test_trees(port, full):
    campaign.generated(port, "test_usb_pulled_stories.py", 1_000 if full else 16)
