"""The virtual environment `.venv`: pinned PyPI packages and a path to the host package."""

import hashlib
import os
import shutil
import sys
from pathlib import Path

from .. import ROOT
from .say import Refused, last_line, run, step

_VENV = ROOT / ".venv"
_STAMP = _VENV / ".pyrallax"


def _state(requirements: Path) -> str:
    text = f"{sys.base_prefix} {sys.version} {ROOT}\n".encode() + requirements.read_bytes()
    return hashlib.sha256(text).hexdigest()


def ensure(tests: bool) -> None:
    """Make .venv hold host/requirements/run.txt, or test.txt (a superset).  Raises Refused."""
    kinds = ["test"] if tests else ["run", "test"]
    files = {kind: ROOT / "host" / "requirements" / f"{kind}.txt" for kind in kinds}
    have = _STAMP.read_text().strip() if _STAMP.is_file() else ""
    if have in [f"{kind} {_state(path)}" for kind, path in files.items()]:
        return
    kind, path = next(iter(files.items()))
    python = _VENV / "bin" / "python"
    if not have or not python.exists():
        step("making the virtual environment .venv")
        shutil.rmtree(_VENV, ignore_errors=True)
        run([sys.executable, "-m", "venv", str(_VENV)], "install python3-venv, then again")
    step(f"installing pinned PyPI packages ({path.relative_to(ROOT)})")
    _STAMP.unlink(missing_ok=True)
    pip = [str(python), "-m", "pip", "-q", "install", "--require-hashes", "-r", str(path)]
    env = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1")
    try:
        run(pip, "check pip's configuration and the network, then again", env)
    except Refused:
        shutil.rmtree(_VENV, ignore_errors=True)
        raise
    site = run([str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], "")
    (Path(last_line(site)) / "pyrallax.pth").write_text(f"{ROOT / 'host'}\n")
    _STAMP.write_text(f"{kind} {_state(path)}\n")
