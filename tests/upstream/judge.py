"""run-tests.py, imported unmodified, as the judge of what was typed at the prompt."""

import importlib.util
from types import ModuleType
from typing import Any

import plan

from pyrallax.repl import Repl

_BANNER_LINES = 2  # MicroPython's version, how to get help
_PS = (b">>> ", b"... ", b"PS1", b"PS2")
_END_S = 2.0


def _load() -> ModuleType:
    path = plan.source() / "tests/run-tests.py"
    spec = importlib.util.spec_from_file_location("run_tests", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_RUN_TESTS = _load()


class Typed:
    """Types a test's lines at the friendly prompt, as run-tests.py does to the unix program.

    The banner is ours: its two lines come out as the unix program's.
    """

    def __init__(self, repl: Repl):
        self._repl = repl

    def run_script_on_remote_target(self, _args: Any, path: str, _special: bool) -> tuple:
        """(whether the target broke down, its output): what run-tests.py calls."""
        wire, repl = self._repl.wire, self._repl
        wire.write(b"\x04")
        repl.read_until(b"soft reboot\r\n", 5)
        banner = repl.read_until(b">>> ", 5)
        repl.drain()
        assert banner.startswith(b"MicroPython v"), banner
        assert banner.count(b"\r\n") == _BANNER_LINES, banner
        out = b"MicroPython of this version\nUse the prompt\n>>> "
        with open(path, "rb") as lines:
            for line in lines:
                wire.write(line)
                out += repl.drain(0.03)
        out += repl.drain(0.05 if out.endswith(_PS) else _END_S)
        return False, out


def judged(client: Typed, name: str) -> str:
    """The output of a special test as run-tests.py makes it comparable with its .exp."""
    path = str(plan.source() / "tests" / name)
    return _RUN_TESTS.run_micropython(client, None, path, path, is_special=True).decode()


def expected(name: str) -> str:
    """The text of a test's .exp."""
    return (plan.source() / "tests" / f"{name}.exp").read_text()
