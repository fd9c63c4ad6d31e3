"""tests/unit/frozen/test_usbmsc_fuzz.py with more disks, on CPython and the unix port."""

import campaign
import pytest

pytestmark = [pytest.mark.usb, pytest.mark.timeout(0)]


@pytest.mark.parametrize("port", campaign.PORTS)
def test_rotten_disks(port, full):
    most = 100_000 if port == "unix" else 20_000
    campaign.generated(port, "test_usbmsc_fuzz.py", most if full else 1_000)
