"""Every test has an area: `inv test -m AREA` must not pass one over in silence."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))

from fake_prl.harness import prl  # noqa: F401 (a fixture)

AREAS = {"boot", "probe", "storage", "usb", "display", "host", "twin", "bench"}


# Before pytest's own, which takes away what -m does not choose.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    without = {
        item.nodeid.partition("::")[0]
        for item in items
        if AREAS.isdisjoint(mark.name for mark in item.iter_markers())
    }
    if without:
        raise pytest.UsageError(f"no marker of an area: {', '.join(sorted(without))}")
