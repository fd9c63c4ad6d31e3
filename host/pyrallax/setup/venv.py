"""The virtual environments: pinned PyPI packages and a path to the host package.

`.venv` runs and tests; `.venv-labs` is for labgrid alone, whose pyserial-labgrid installs over the
`serial` of pyserial.
"""

import hashlib
import os
import shutil
import sys
from pathlib import Path

from .. import ROOT
from .say import Refused, last_line, run, step

_VENV = ROOT / ".venv"
_LABS = ROOT / ".venv-labs"


def _state(requirements: Path) -> str:
    text = f"{sys.base_prefix} {sys.version} {ROOT}\n".encode() + requirements.read_bytes()
    return hashlib.sha256(text).hexdigest()


def ensure(tests: bool) -> None:
    """Make .venv hold host/requirements/run.txt, or test.txt (a superset), .venv-labs labs.txt.

    Raises Refused.
    """
    _hold(_VENV, ["test"] if tests else ["run", "test"])
    if tests:
        _hold(_LABS, ["labs"])


def _hold(venv: Path, kinds: list[str]) -> None:
    """Make `venv` hold one of these requirements, the first where it holds none."""
    stamp = venv / ".pyrallax"
    files = {kind: ROOT / "host" / "requirements" / f"{kind}.txt" for kind in kinds}
    have = stamp.read_text().strip() if stamp.is_file() else ""
    if have in [f"{kind} {_state(path)}" for kind, path in files.items()]:
        return
    kind, path = next(iter(files.items()))
    python = venv / "bin" / "python"
    if not have or not python.exists():
        step(f"making the virtual environment {venv.name}")
        shutil.rmtree(venv, ignore_errors=True)
        run([sys.executable, "-m", "venv", str(venv)], "install python3-venv, then again")
    step(f"installing pinned PyPI packages ({path.relative_to(ROOT)})")
    stamp.unlink(missing_ok=True)
    pip = [str(python), "-m", "pip", "-q", "install", "--require-hashes", "-r", str(path)]
    env = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1")
    try:
        run(pip, "check pip's configuration and the network, then again", env)
    except Refused:
        shutil.rmtree(venv, ignore_errors=True)
        raise
    site = run([str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], "")
    (Path(last_line(site)) / "pyrallax.pth").write_text(f"{ROOT / 'host'}\n")
    script = venv / "bin" / "pyrallax"
    script.write_text('#!/bin/sh\nexec "$(dirname "$0")/python" -m pyrallax "$@"\n')
    script.chmod(0o755)
    stamp.write_text(f"{kind} {_state(path)}\n")
