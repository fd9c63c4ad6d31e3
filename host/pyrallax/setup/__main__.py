"""python3 -m pyrallax.setup run|test: make this machine able to build and run, or to test.

Environment: PYRALLAX_CACHE (default .cache), MICROPYTHON_DIR (a checkout: none is fetched).
Exit status: 0 done, 1 refused with one line on stderr, 2 wrong usage.
"""

import os
import sys
from pathlib import Path

from ..failure import guarded


def _main() -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 (the system's python3)
        print("setup: Python 3.11 or newer is needed: make PYTHON=python3.11", file=sys.stderr)
        return 1
    if sys.argv[1:] not in (["run"], ["test"]):
        print(__doc__, file=sys.stderr)
        return 2
    import tomllib

    from .. import ROOT
    from . import packages, sources, venv
    from .say import Refused

    tests = sys.argv[1] == "test"
    try:
        given = os.environ.get("MICROPYTHON_DIR")
        if given and not (Path(given) / "py" / "mkenv.mk").is_file():
            raise Refused(
                f"MICROPYTHON_DIR={given} is no MicroPython checkout: give its top folder"
            )
        packages.ensure(tests)
        venv.ensure(tests)
        if not given:
            pins = tomllib.loads((ROOT / "deps.toml").read_text())
            sources.ensure(
                pins["micropython"], Path(os.environ.get("PYRALLAX_CACHE") or ROOT / ".cache")
            )
    except Refused as why:
        print(f"setup: stopped: {why}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("setup: stopped: interrupted; run it again to go on", file=sys.stderr)
        return 1
    except OSError as why:
        print(
            f"setup: stopped: {why}: free the disk or mend the permission, then again",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(guarded(_main, "setup"))
