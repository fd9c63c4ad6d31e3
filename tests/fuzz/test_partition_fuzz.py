"""The random tables of tests/unit/frozen/test_gpt.py and test_mbr.py, many more of them."""

import campaign
import pytest

pytestmark = [pytest.mark.storage, pytest.mark.timeout(0)]


@pytest.mark.parametrize("port", campaign.PORTS)
@pytest.mark.parametrize("table", ["gpt", "mbr"])
def test_random_tables(table, port, full):
    campaign.generated(port, f"test_{table}.py", 100_000 if full else 20_000)
