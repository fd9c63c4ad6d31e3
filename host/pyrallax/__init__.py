"""Host side of Pyrallax.  Standard library only at import; third-party packages where they are used."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
ARTIFACTS = ROOT / "artifacts"
