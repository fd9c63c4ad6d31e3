"""Importable here: the helpers beside the tests, the frozen file system, simulated modules."""

import sys
from pathlib import Path

_HERE = Path(__file__).parent
for folder in (_HERE.parents[1] / "frozen" / "fs", _HERE.parent / "sim", _HERE):
    sys.path.insert(0, str(folder))
