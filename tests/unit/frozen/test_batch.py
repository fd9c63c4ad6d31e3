"""Batch mode: which file runs, how, and with what status."""

import os
import sys

import tracebacks  # noqa: F401
from targettest import batch, unity
from targettest import run as testrun

AREA = "host"

_FILE = "batch_%s.py" % os.urandom(4).hex()  # runs may share the folder


class _Machine:
    """Stands for the modules machine and vfs."""

    def __init__(self):
        self.off = 0

    def mount(self):
        return [(None, "/ram")]

    def poweroff(self):
        self.off += 1


def _status(source, scope=None):
    """Exit status of a file with this text; it is gone behind."""
    with open(_FILE, "w") as file:
        file.write(source)
    path = sys.path[:]
    try:
        return batch.run(_FILE, {} if scope is None else scope)
    finally:
        os.remove(_FILE)
        assert sys.path == path and testrun.default_runner is None


def test_status_of_a_script():
    for source, status in (
        ("x = 1", 0),
        ("import sys\nsys.exit()", 0),
        ("import sys\nsys.exit(3)", 3),
        ("import sys\nsys.exit(True)", 1),
        ("import sys\nsys.exit(-1)", 255),
        ("raise KeyError", 1),
        ("x =", 1),
        ("raise KeyboardInterrupt", 130),
        ("class E(BaseException): pass\nraise E", 1),
    ):
        assert _status(source) == status, source


def test_text_as_status_is_said():
    said = []
    batch.print = said.append
    try:
        assert _status("import sys\nsys.exit('no disk')") == 1
    finally:
        del batch.print
    assert said == ["no disk"]


def test_it_is_the_main_script():
    scope = {}
    assert _status("assert __name__ == '__main__'\nfile = __file__", scope) == 0
    assert scope["file"] == _FILE


def test_the_folder_of_the_script():
    scope = {}
    assert _status("import sys\nfolder = sys.path[0]", scope) == 0
    assert scope["folder"] == ""


def test_a_script_with_a_path_of_its_own():
    path = sys.path[:]
    with open(_FILE, "w") as file:
        file.write("import sys\nsys.path.clear()\nsys.exit(4)")
    try:
        assert batch.run(_FILE, {}) == 4 and testrun.default_runner is None
    finally:
        os.remove(_FILE)
        sys.path[:] = path


_TESTS = """
from targettest import run as testrun
from targettest.case import TestCase
class Module:
    __name__ = "m"
    class A(TestCase):
        def test_1(self): assert good
good = %s
testrun.main(Module())
good = %s
testrun.main(Module())
%s
"""


def test_failed_tests_are_a_failure():
    unity.print = lambda *a, **k: None
    try:
        assert _status(_TESTS % (True, True, "")) == 0
        assert _status(_TESTS % (False, True, "")) == 1
        assert _status(_TESTS % (True, False, "import sys\nsys.exit(0)")) == 1
        assert _status(_TESTS % (True, False, "import sys\nsys.exit(7)")) == 7
        assert _status(_TESTS.replace("assert good", "raise SystemExit") % (1, 1, "")) == 1
    finally:
        del unity.print


def _started(cmdline):
    """(lines said, whether it powered off)."""
    said = []
    machine = _Machine()
    real = sys.modules.get("vfs")
    sys.modules["machine"] = sys.modules["vfs"] = machine
    batch.print = lambda *words: said.append(" ".join(str(word) for word in words))
    try:
        batch.start(cmdline, {})
    finally:
        del batch.print, sys.modules["machine"], sys.modules["vfs"]
        if real:
            sys.modules["vfs"] = real
    return said, machine.off


def test_start():
    assert _started("root=sd0 nobatch xbatch=1") == ([], 0)
    said, off = _started("batch=/no/such.py panic=off")
    assert off == 1 and said == [
        "=== PYRALLAX BATCH 1 - ===",
        "batch: there is no /no/such.py",
        "PROJECT EXECUTION FAILED",
        "=== PYRALLAX EXIT 2 ===",
    ]
    said, off = _started("batch")
    assert said[1] == "batch: there is no /autorun.py nor /esp/autorun.py nor /ram/autorun.py"
    with open(_FILE, "w") as file:
        file.write("pass")
    try:
        said, off = _started("heap=1m batch=" + _FILE)
    finally:
        os.remove(_FILE)
    assert off == 1 and said == [
        "=== PYRALLAX BATCH 1 %s ===" % _FILE,
        "PROJECT EXECUTION SUCCESSFUL",
        "=== PYRALLAX EXIT 0 ===",
    ]
