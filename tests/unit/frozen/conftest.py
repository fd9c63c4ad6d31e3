"""Under CPython: the frozen modules and the simulated ones on the path, as on the unix port.

The files import no pytest, so their marker is given here: probe, or what `AREA = "…"` says.
"""

import sys
from pathlib import Path

import pytest
from areas import area

_ROOT = Path(__file__).parents[3]
for folder in ("", "/system", "/bus", "/blk", "/usb", "/fs"):
    sys.path.insert(0, f"{_ROOT}/frozen{folder}")
sys.path.insert(0, str(_ROOT / "tests/sim"))


def pytest_itemcollected(item: pytest.Item) -> None:
    item.add_marker(area(item.path))


@pytest.fixture(autouse=True)
def same_modules():
    """What a test puts into sys.modules in a module's place is gone after it."""
    before = dict(sys.modules)
    yield
    for name, module in before.items():
        if sys.modules.get(name) is not module:
            sys.modules[name] = module
    for name in sys.modules.keys() - before.keys():
        if not isinstance(sys.modules[name], type(sys)):
            del sys.modules[name]


@pytest.fixture(autouse=True)
def same_drivers():
    """What a test registers with usbcore is gone after it."""
    core = sys.modules.get("usbcore")
    before = list(core._drivers) if core else []
    yield
    core = sys.modules.get("usbcore")
    if core:
        core._drivers[:] = before
