"""Type stubs of the firmware's modules, stubs/: made from frozen Python, checked by tests."""

from .. import ROOT

FOLDER = ROOT / "stubs" / "typings"  # NAME/__init__.pyi, a folder that type checkers take as it is
TYPES = ROOT / "stubs" / "types"  # NAME.pyi: what the source of frozen NAME.py does not tell
MARK = "# Made by `inv stubs` from "  # the first line of what is made begins so
