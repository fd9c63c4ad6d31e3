"""Who reads Unity's lines: pytest-embedded on our serial line, and what twister looks for."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest

from pyrallax import ROOT

pytestmark = pytest.mark.host

_TESTS = """\
import unittest

class TestAll(unittest.TestCase):
    def test_bad(self):
        with self.subTest(n=1):
            self.assertEqual(1, 2)
        with self.subTest(n=2):
            raise OSError(5)
    def test_ok(self):
        print("said by the test:")
    def test_skip(self):
        self.skipTest("not <here>")
"""
_DUT = """\
def test_on_the_dut(dut):
    dut.write("\\r")
    dut.expect(">>> ")
    dut.write("import unittest; unittest.main('sample', unittest.UnityRunner)\\r")
    dut.expect_unity_test_output(timeout=30)
    dut.expect("PROJECT EXECUTION FAILED")
"""


@pytest.fixture
def with_tests(vm):
    """The machine has tests in a module, before anything else talks to it."""
    vm.repl().put("/ram/sample.py", _TESTS.encode())


@pytest.mark.usefixtures("with_tests")
def test_pytest_embedded(pty, tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_dut.py").write_text(_DUT)
    argv = [sys.executable, "-m", "pytest", f"--confcutdir={tmp_path}", "--junitxml=r.xml"]
    argv += ["--embedded-services", "serial", "--port", pty.path]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1 and "Unity test failed" in done.stdout, done.stdout + done.stderr
    suite = ElementTree.parse(tmp_path / "r.xml").getroot().find("testsuite")
    counts = {name: suite.get(name) for name in ("tests", "failures", "skipped", "errors")}
    assert counts == {"tests": "3", "failures": "1", "skipped": "1", "errors": "0"}
    cases = {case.get("name"): case for case in suite}
    assert {(case.get("file"), case.get("line")) for case in suite} == {
        ("sample.py", "6"),
        ("sample.py", "9"),
        ("sample.py", "11"),
    }
    failure = cases["TestAll.test_bad"].find("failure").get("message")
    assert failure == "(n=1) 1 != 2; (n=2) OSError: [Errno 5] EIO"
    assert cases["TestAll.test_ok"].find("failure") is None
    said = cases["TestAll.test_skip"].find("system-out").get("message")
    assert said == "not &lt;here&gt;"  # pytest-embedded escapes what XML escapes again


def test_twister(repl):
    """Line by line, as its harness reads: the first verdict counts; `record` takes the cases."""
    page = (ROOT / "docs/reference/unittest.md").read_text()
    record = re.search(r"record: *\n *regex: \['(.*)'\]", page)[1]
    repl.put("/ram/sample.py", _TESTS.encode())
    out = repl.exec("import unittest; unittest.main('sample', unittest.UnityRunner)")
    verdicts = [line for line in out.splitlines() if "PROJECT EXECUTION" in line]
    assert verdicts == ["PROJECT EXECUTION FAILED"]
    found = [m.groupdict() for line in out.splitlines() if (m := re.search(record, line))]
    assert [(case["name"], case["result"]) for case in found] == [
        ("TestAll.test_bad", "FAIL"),
        ("TestAll.test_ok", "PASS"),
        ("TestAll.test_skip", "IGNORE"),
    ]
    good = repl.exec(
        "class T(unittest.TestCase):\n def test_1(self): pass\n"
        "unittest.main(testRunner=unittest.UnityRunner)"
    )
    assert good.splitlines()[-4:] == [
        "-----------------------",
        "1 Tests 0 Failures 0 Ignored",
        "OK",
        "PROJECT EXECUTION SUCCESSFUL",
    ]
