"""xHCI capability registers of any content; a controller that fails at random."""

import campaign
import pytest

pytestmark = [pytest.mark.usb, pytest.mark.timeout(0)]


@pytest.mark.parametrize("port", campaign.PORTS)
def test_capabilities(port, full):
    campaign.generated(port, "test_xhci_noise.py", 100_000 if full else 1_500)


@pytest.mark.parametrize("port", campaign.PORTS)
def test_stories(port, full):
    campaign.generated(port, "test_xhci_stress.py", 3_000 if full else 40)
