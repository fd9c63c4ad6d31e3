"""Choosing suites, counting, and the lines and status of a run."""

import pytest
from leaks import outstanding

from pyrallax import lanes, lint

pytestmark = pytest.mark.host

_XML = """<testsuites><testsuite>
<testcase classname="a" name="good"/>
<testcase classname="a" name="bad"><failure message="assert 1 == 2&#10;more"/></testcase>
<testcase classname="a" name="broken"><error message="setup"/></testcase>
<testcase classname="a" name="timed"><properties><property name="tries" value="2"/></properties>
</testcase>
<testcase classname="a" name="not"><skipped message="no disk"/></testcase>
</testsuite></testsuites>"""


def test_names():
    assert lanes.names([]) == list(lanes.SUITES)
    assert lanes.names(["qemu,unit", "fuzz"]) == ["unit", "qemu", "fuzz"]
    with pytest.raises(ValueError, match="nosuch"):
        lanes.names(["unit,nosuch"])


def test_junit_counts_and_reasons(tmp_path):
    (tmp_path / "r.xml").write_text(_XML)
    outcome = lanes.Outcome("x")
    lanes.read_junit(tmp_path / "r.xml", outcome)
    assert outcome.line() == "x: 2 passed, 2 failed, 1 skipped"
    assert outcome.notes[-1] == "again   a::timed: passed at try 2"
    assert outcome.skips == {"no disk": ["a::not"]}


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A project with only tests/unit."""
    monkeypatch.setattr(lanes, "ROOT", tmp_path)
    monkeypatch.setattr(lanes, "ARTIFACTS", tmp_path / "artifacts")
    monkeypatch.setenv("PYRALLAX_JOBS", "0")
    (tmp_path / "tests" / "unit").mkdir(parents=True)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n boot:\n")
    return tmp_path / "tests" / "unit" / "test_x.py"


@pytest.mark.parametrize(
    "text, mark, status, line",
    [
        ("def test_a(): pass", "", 0, "unit: 1 passed, 0 failed, 0 skipped"),
        ("def test_a(): assert 0", "", 1, "unit: 0 passed, 1 failed, 0 skipped"),
        ("def test_a(): pass", "boot", 1, "unit: 0 passed, 0 failed, 0 skipped"),
        ("import nosuch_module", "", 1, "unit: 0 passed, 1 failed, 0 skipped"),
        (None, "", 1, "unit: 0 passed, 0 failed, 0 skipped"),
    ],
)
def test_run(tree, capfd, text, mark, status, line):
    if text is not None:
        tree.write_text(text)
    extra = ["-p", "pyrallax.pytest_plugin"]
    assert lanes.run(["unit"], mark, extra=extra) == status
    out = capfd.readouterr().out.splitlines()
    assert line in out
    assert out[-1] == line.replace("unit", "total")


def test_a_suite_without_its_environment_says_what_to_do(tree, monkeypatch):
    tree.write_text("def test_a(): pass")
    monkeypatch.setattr(lanes, "_PYTHONS", {"unit": tree / "python"})
    outcome = lanes._pytest("unit", "", False, [])
    assert outcome.failed == 1 and outcome.notes[0].endswith("run `make setup-test`")


def test_lint_reports_what_the_tool_says(monkeypatch):
    check = lint.Check("always wrong", lambda: "file:1: wrong")
    monkeypatch.setattr(lint, "checks", lambda: [check])
    outcome = lanes._lint()
    assert outcome.failed == 1 and "file:1: wrong" in outcome.notes[0]


def test_outstanding_reads_what_dma_offers():
    assert outstanding(None) == 0
    assert outstanding({"outstanding": 3, "size": 100}) == 3
    assert outstanding((2, 8)) == 2
    with pytest.raises(AssertionError, match="size"):
        outstanding({"size": 100})
