"""A driver traced on a real device: the lines at the prompt, and the file against the kept one."""

import pytest

from pyrallax import ROOT
from pyrallax.__main__ import main
from pyrallax.trace import fetch, parse

pytestmark = pytest.mark.probe

VM_OPTIONS = {"device": ["edu"]}
DRIVER = ROOT / "tests" / "unit" / "frozen" / "edu_driver.py"
KEPT = ROOT / "tests" / "data" / "traces" / "edu.jsonl"
SESSION = """
import sys, pci, probe.trace
sys.path.insert(0, "/ram")
import edu_driver
fn = pci.find(0x1234, 0x11e8)
fn.enable()
regs = fn.bar(0)
with probe.trace.on(regs, edu_driver.MAP) as t:
    result = edu_driver.session(regs)
"""


@pytest.fixture
def traced(repl):
    repl.put("/ram/edu_driver.py", DRIVER.read_bytes())
    repl.exec(SESSION)
    return repl


def test_at_the_prompt(traced):
    assert traced.eval("result") == (True, 3628800, 0, (5, 0))
    lines = [line.split(None, 2) for line in traced.exec("print(t)").splitlines()]
    first, second = lines[0], lines[1]
    assert first[1] == "R" and ".ID=0x10000ed MAJOR=1 MAGIC=0xed" in first[2]
    assert first[2].endswith("edu_driver.py:44 __init__")
    assert second[1] == "W" and ".LIVE=0x12345678 " in second[2]
    assert any(".STATUS=0x" in line[2] and line[2].endswith(" factorial") for line in lines)


def test_a_new_recording_is_like_the_kept_one(traced, tmp_path, capsys):
    text = fetch(traced, "t")
    new = parse(text)
    assert "virt" in new.machine and new.windows[0].map == "edu"
    traced.exec("t.save('/ram/t.jsonl')")
    saved = traced.get("/ram/t.jsonl").decode()
    assert saved.splitlines() == text.splitlines()
    path = tmp_path / "new.jsonl"
    path.write_text(saved)
    status = main(["trace", "diff", str(KEPT), str(path)])
    assert status == 0, capsys.readouterr().out
