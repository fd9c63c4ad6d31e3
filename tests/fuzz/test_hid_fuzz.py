"""Damaged HID report descriptors: 100,000 on MicroPython's unix port with --full."""

from pathlib import Path

import campaign
import pytest

pytestmark = [pytest.mark.usb, pytest.mark.timeout(0)]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory, request) -> Path:
    monkeypatch = pytest.MonkeyPatch()
    request.addfinalizer(monkeypatch.undo)
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "sim")
    import hid_descriptors

    folder = tmp_path_factory.mktemp("hid")
    for name, data in hid_descriptors.ALL:
        (folder / name).write_bytes(data)
    return folder


@pytest.mark.parametrize("seed", range(4))
def test_unix_port(corpus, full, seed):
    campaign.damaged("unix", "hid_target.py", corpus, seed, 25_000 if full else 500)


def test_cpython(corpus, full):
    campaign.damaged("cpython", "hid_target.py", corpus, 77, 20_000 if full else 500)
