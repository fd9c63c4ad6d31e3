"""An EHCI controller, its ports and devices that fail at random."""

import campaign
import pytest

pytestmark = [pytest.mark.usb, pytest.mark.timeout(0)]


@pytest.mark.parametrize("port", campaign.PORTS)
def test_stories(port, full):
    campaign.generated(port, "test_ehci_stress.py", 1_000 if full else 20)
