"""Host side of Pyrallax.  Imports only the standard library here; others where they are used."""

import os
from pathlib import Path

# Installed as a wheel this is apart from the repository, which has the firmware and its formats.
ROOT = Path(os.environ.get("PYRALLAX_ROOT") or Path(__file__).resolve().parents[2]).resolve()
BUILD = ROOT / "build"
ARTIFACTS = ROOT / "artifacts"
