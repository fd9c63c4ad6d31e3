"""Host side of Pyrallax.  Imports only the standard library here; others where they are used."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
ARTIFACTS = ROOT / "artifacts"
