"""Under CPython: the frozen modules and the simulated ones on the path, as on the unix port."""

import sys
from pathlib import Path

_ROOT = Path(__file__).parents[3]
for folder in ("", "/system", "/bus", "/blk", "/fs"):
    sys.path.insert(0, f"{_ROOT}/frozen{folder}")
sys.path.insert(0, str(_ROOT / "tests/sim"))
