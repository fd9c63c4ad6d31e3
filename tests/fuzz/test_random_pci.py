"""tests/unit/frozen/test_pci_fuzz.py with more machines, on CPython and the unix port."""

import campaign
import pytest

pytestmark = [pytest.mark.probe, pytest.mark.timeout(0)]


@pytest.mark.parametrize("port", campaign.PORTS)
def test_random_machines(port, full):
    campaign.generated(port, "test_pci_fuzz.py", 200_000 if full else 4_000)
