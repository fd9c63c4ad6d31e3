"""Expectations of a boot log: the file, the matcher, recorded logs, the command."""

import random
import signal
import socket
import threading
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from fake_prl.machines import nothing_left, only_a_table

from pyrallax.__main__ import main
from pyrallax.vm import machine as vm_machine
from pyrallax.vm import parallels
from pyrallax.watch import junit
from pyrallax.watch.expectations import BadExpectations, load, parse
from pyrallax.watch.matcher import FAILED, PASSED, SKIPPED, Matcher, Result
from pyrallax.wire import Log

pytestmark = pytest.mark.host

ONE = "[[expect]]\ntext='up'\n"


@pytest.mark.parametrize(
    "text, reason",
    [
        ("[[expect]", "f.toml: no TOML: Expected ']]'"),
        ("a = \n", "f.toml: no TOML: Invalid value (at line 1, column 5)"),
        ("", "f.toml: expect: nothing is expected; add an [[expect]]"),
        ("[expect]\ntext='x'", "f.toml: expect: write it as [[expect]]"),
        ("expect = ['x']", "f.toml: expect 1, a table is wanted, not 'x'"),
        ("steps = 1\n" + ONE, "f.toml: steps: no such key; there are name, within"),
        (
            ONE + "[[expect]]\ntxt = 'x'",
            "f.toml: expect 2, txt: no such key; there are name, text",
        ),
        ("[[expect]]\nname = 'x'", "f.toml: expect 1, text: one of text and regex is wanted"),
        ("[[expect]]\ntext='x'\nregex='x'", "expect 1, text: one of text and regex is wanted"),
        ("[[expect]]\ntext=''", "expect 1, text: a text is wanted, not ''"),
        ("[[expect]]\ntext=7", "expect 1, text: a text is wanted, not 7"),
        ('[[expect]]\ntext="a\\nb"', "expect 1, text: it has a line end"),
        ("[[expect]]\nregex='('", "expect 1, regex: missing )"),
        ("[[expect]]\nregex='x{99999999999}'", "expect 1, regex: the repetition number is too"),
        ("[[expect]]\nregex='" + 999 * "(" + "'", "expect 1, regex: "),
        ("[[expect]]\nregex='[[a]'", "expect 1, regex: Possible nested set"),
        ("within = " + 5000 * "1", "f.toml: no TOML: Exceeds the limit"),
        ("a = " + 5000 * "[", "f.toml: no TOML: "),
        ("[[expect]]\nregex='x*'", "expect 1, regex: it matches every line"),
        ("[[expect]]\ntext='x'\nwithin='3'", "expect 1, within: a number of seconds above 0"),
        ("[[expect]]\ntext='x'\nwithin=0", "expect 1, within: a number of seconds above 0"),
        ("[[expect]]\ntext='x'\nwithin=true", "expect 1, within: a number of seconds"),
        ("within = nan\n" + ONE, "f.toml: within: a number of seconds"),
        ("linger = -1\n" + ONE, "f.toml: linger: a number of seconds"),
        ("failures = 1\n" + ONE, "f.toml: failures: true or false is wanted, not 1"),
        (
            "[[expect]]\nname='a'\ntext='x'\n[[expect]]\nname='a'\ntext='y'",
            "f.toml: expect 2, name: 'a' is there already",
        ),
        (ONE + "[[forbid]]\ntext='x'\nafter='b'", "f.toml: forbid 1, after: no step is named 'b'"),
        (
            "[[expect]]\nname='a'\ntext='x'\n[[expect]]\nname='b'\ntext='y'\n"
            "[[forbid]]\ntext='z'\nafter='b'\nuntil='a'",
            "f.toml: forbid 1, until: 'a' does not come after 'b'",
        ),
        (ONE + "[[forbid]]\ntext='x'\nwithin=3", "f.toml: forbid 1, within: no such key"),
    ],
)
def test_what_is_wrong_names_file_and_key(text, reason):
    with pytest.raises(BadExpectations) as refused:
        parse(text, "f.toml")
    assert str(refused.value).startswith(reason) or reason in str(refused.value)
    assert str(refused.value).startswith("f.toml: ") and "\n" not in str(refused.value)


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(BadExpectations, match=r"none.toml: No such file"):
        load(tmp_path / "none.toml")
    (tmp_path / "x.toml").write_bytes(b"name = '\xff'")
    with pytest.raises(BadExpectations, match="not UTF-8, from byte 8 on"):
        load(tmp_path / "x.toml")


def test_defaults(tmp_path):
    (tmp_path / "boots.toml").write_text(ONE + ONE)
    wanted = load(tmp_path / "boots.toml")
    assert (wanted.name, wanted.within_s, wanted.linger_s) == ("boots", 60, 0)
    assert [step.name for step in wanted.steps] == ["'up'", "'up' #2"]
    assert [each.name for each in wanted.forbidden][-1] == "no panic"
    assert parse("failures = true\n" + ONE).forbidden == ()


WANTED = parse(
    """
within = 20
failures = true
[[expect]]
name = "start"
regex = '^start v\\d+$'
within = 5
[[expect]]
name = "up"
text = "up"
[[expect]]
name = "prompt"
text = ">>> "
within = 3
[[forbid]]
name = "no oops"
text = "oops"
[[forbid]]
name = "no early prompt"
text = ">>> "
until = "up"
[[forbid]]
name = "no late warning"
regex = 'warn(ing)?$'
after = "up"
"""
)


def outcomes(matcher: Matcher) -> str:
    """A letter for each result."""
    return "".join({PASSED: "p", FAILED: "F", SKIPPED: "-"}[r.outcome] for r in matcher.results)


@pytest.mark.parametrize(
    "said, wanted",
    [
        (b"start v1\r\nup\r\n>>> ", "pppppp"),
        (b"noise\nstart v1\nwarning\nit is up >>> ", "pppppp"),
        (b"start v1 \nup\n", "F--pp-"),  # a regex is held against the line as it is
        (b"start v1\n>>> up\n", "p--pF-"),
        (b"start v1\nup\nwarn", "pp-ppF"),  # the end of the log ends the line
        (b"start v1\nup\nwarnings\n>>> ", "pppppp"),
        (b"start v1\nup oops >>> \n", "pp-Fpp"),
        (b"oops", "---Fp-"),
        (b"up\n>>> ", "---pF-"),
        (b"up\nstart v1", "pF-pp-"),
        (b"", "F--pp-"),
    ],
)
def test_order_and_what_is_forbidden(said, wanted):
    matcher = Matcher(WANTED)
    matcher.feed(said, 1.0)
    matcher.finish(2.0, "the log ends")
    assert outcomes(matcher) == wanted


def test_cuts_make_no_difference():
    rng = random.Random(5)
    parts = [b"start v1", b"start v22", b"up", b">>> ", b"oops", b"warn", b"warning", b" ", b"x",
             b"\r\n", b"\n", b"\n", b"\r", b"\x1b[2J", b"y" * 70000]  # fmt: skip
    seen = set()
    for _ in range(400):
        said = b"start v1\n" * rng.randrange(2) + b"".join(
            rng.choice(parts[:-1]) for _ in range(rng.randrange(12))
        )
        if rng.random() < 0.05:
            said += parts[-1] + rng.choice(parts)
        whole = Matcher(WANTED)
        whole.feed(said, 1.0)
        whole.finish(1.0, "end")
        cut = Matcher(WANTED)
        at = 0
        while at < len(said):
            size = rng.choice([1, 1, 2, 3, 9, 30000])
            cut.feed(said[at : at + size], 1.0)
            at += size
        cut.finish(1.0, "end")
        assert cut.results == whole.results, said[:200]
        seen.add(outcomes(whole))
    assert len(seen) > 8


def test_limits_of_time():
    matcher = Matcher(WANTED)
    assert matcher.deadline() == 5
    assert matcher.tick(4.9) == [] and matcher.feed(b"start v1\n", 4.9)[0].took_s == 4.9
    assert matcher.deadline() == 20  # up has no limit of its own
    matcher.feed(b"up\n", 18)
    assert matcher.deadline() == 20  # not 21
    (late,) = matcher.feed(b">>> ", 20)
    assert (late.outcome, late.name) == (FAILED, "prompt") and late.why.startswith(
        "not in the 20 s"
    )
    assert matcher.over and matcher.failed


def test_limit_since_the_step_before():
    matcher = Matcher(WANTED, slower=2)
    matcher.feed(b"start v1\nup\n", 1)
    assert matcher.deadline() == 7
    assert matcher.tick(7)[0].why == "not in 6 s after up"


def test_a_line_is_whole_when_its_time_is_over():
    matcher = Matcher(WANTED)
    matcher.feed(b"start v1", 1)
    assert matcher.tick(5)[0].outcome == PASSED and not matcher.over


def test_lingering_sees_what_comes_after_the_last_step():
    wanted = parse("linger = 2\n" + ONE + "[[forbid]]\ntext='oops'")
    good, bad = Matcher(wanted), Matcher(wanted)
    for matcher in (good, bad):
        matcher.feed(b"up", 1)
        assert not matcher.over and matcher.deadline() == 3
    bad.feed(b"oops", 2.9)
    good.tick(3)
    assert bad.failed and good.over and not good.failed


def test_without_times_no_limit_is_held():
    matcher = Matcher(WANTED, timed=False)
    matcher.feed(b"start v1\nup\n>>> ", 1e9)
    assert outcomes(matcher) == "pppppp"


def test_junit_carries_any_byte(tmp_path):
    results = [
        Result("a", PASSED, 1, 1),
        Result("b\x1b", FAILED, 2, 1, "it said: \x00<&"),
        Result("c"),
    ]
    junit.write(tmp_path / "j.xml", "n", results, {"machine": "direct"}, "\x1b[2Jend\ufffe")
    suite = ElementTree.parse(tmp_path / "j.xml").getroot()[0]
    counts = [suite.get(key) for key in ("tests", "failures", "errors", "skipped", "time")]
    assert counts == ["3", "1", "0", "1", "2.000"]
    cases = suite.findall("testcase")
    assert cases[1].get("name") == "b\\x1b"
    assert cases[1][0].get("message") == "it said: \\x00<&" and cases[2][0].tag == "skipped"
    assert suite.find("system-out").text == "\\x1b[2Jend\\xfffe"


# ---- the command


@pytest.fixture(autouse=True)
def here(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(vm_machine, "ARTIFACTS", tmp_path)
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)


@pytest.fixture
def boots(tmp_path):
    """The name of a file with expectations."""
    (tmp_path / "boots.toml").write_text(
        'within = 2\n[[expect]]\nname="up"\ntext="up"\n[[expect]]\nname="prompt"\ntext=">>> "\n'
        '[[forbid]]\nname="no oops"\ntext="oops"\n'
    )
    return "boots.toml"


def _log(path, *chunks: bytes) -> str:
    log = Log(path)
    for chunk in chunks:
        log.add("<", chunk)
    log.add(">", b"oops")  # what the host sent is not what the machine said
    log.close()
    return str(path)


def test_recorded_log(boots, tmp_path, capsys):
    path = _log(tmp_path / "a.serial.log", b"u", b"p\r\n", b">>> ")
    assert main(["watch", "--expect", boots, "--log", path, "--junit", "j.xml"]) == 0
    assert capsys.readouterr().out.endswith("watch: boots: 6 passed, 0 failed, 0 skipped\n")
    cases = ElementTree.parse("j.xml").getroot().iter("testcase")
    assert [case.get("name") for case in cases][:3] == ["up", "prompt", "no oops"]


def test_times_of_a_recorded_log_count(boots, tmp_path, capsys):
    (tmp_path / "a.serial.log").write_text("    1.000000 < up\\r\\n\n    2.500000 < >>> \n")
    words = ["watch", "--expect", boots, "--log", "a.serial.log"]
    assert main(words) == 1
    out = capsys.readouterr().out
    assert "ok      1.000 s  up\nFAIL    2.500 s  prompt: not in the 2 s of the whole run" in out
    assert main([*words, "--slower", "2"]) == 0


def test_plain_text_is_a_log_too(boots, tmp_path, capsys):
    (tmp_path / "plain.txt").write_bytes(b"up\n=== PYRALLAX PANIC 1 ===\n>>> ")
    assert main(["watch", "--expect", boots, "--log", "plain.txt"]) == 1
    out, err = capsys.readouterr()
    assert "has no times" in err and "no panic: it said: === PYRALLAX PANIC 1 ===" in out


@pytest.fixture
def machine():
    """machine(said, hang_up): a socket's path, behind it what says this to the first who comes."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("line")
    listener.listen()
    ended = threading.Event()

    def make(said: bytes, hang_up: bool = False) -> str:
        def serve() -> None:
            line = listener.accept()[0]
            line.sendall(said)
            if not hang_up:
                ended.wait(30)
            line.close()

        threading.Thread(target=serve, daemon=True).start()
        return "line"

    yield make
    ended.set()
    listener.close()


@pytest.mark.parametrize(
    "said, hang_up, status, reason",
    [
        (b"up\r\n>>> ", False, 0, "6 passed, 0 failed, 0 skipped"),
        (b"up\r\n", False, 1, "prompt: not in the 2 s of the whole run"),
        (b"up\r\n", True, 1, "prompt: the machine ended: the target closed the line"),
        (b"up oops\r\n", False, 1, "no oops: it said: up oops"),
    ],
)
def test_machine(boots, machine, capsys, said, hang_up, status, reason):
    line = machine(said, hang_up)
    assert main(["watch", "--expect", boots, "--serial", line, "--junit", "j.xml"]) == status
    out, err = capsys.readouterr()
    assert reason in out and ("last came\n  up" in err) == bool(status)
    suite = ElementTree.parse("j.xml").getroot()[0]
    assert suite.get("failures") == str(status)
    assert {p.get("name"): p.get("value") for p in suite.iter("property")}["machine"] == "serial"


@pytest.mark.parametrize(
    "words, status, reason",
    [
        ("--expect none.toml", 2, "none.toml: No such file"),
        ("--expect bad.toml", 2, "bad.toml: expect: nothing is expected"),
        ("--expect boots.toml --slower 0", 2, "--slower: '0': a number above 0"),
        ("--expect boots.toml --log none", 1, "none: No such file"),
        ("--expect boots.toml --log boots.toml --gic 3", 1, "a recorded log has no machine"),
        (
            "--expect boots.toml --log boots.toml --junit no/such/j.xml",
            1,
            "no/such/j.xml: No such",
        ),
        ("--expect boots.toml --serial none", 1, "is the machine on"),
        ("", 2, "required: --expect"),
        ("--steps x", 2, "required: --expect"),
    ],
)
def test_what_does_not_work_is_one_line(boots, tmp_path, capsys, words, status, reason):
    (tmp_path / "bad.toml").write_text("name = 'x'")
    try:
        got = main(["watch", *words.split()])
    except SystemExit as end:
        got = end.code
    err = capsys.readouterr().err
    assert got == status and reason in err.splitlines()[-1] and "Traceback" not in err


def test_a_machine_that_cannot_be_had_is_an_error_in_the_report(boots):
    assert main(["watch", "--expect", boots, "--serial", "none", "--junit", "j.xml"]) == 1
    suite = ElementTree.parse("j.xml").getroot()[0]
    assert (suite.get("errors"), suite.get("failures")) == ("1", "0")
    assert "is the machine on" in suite.find("testcase/error").get("message")


@pytest.mark.parametrize("line", ["socket", "file"])
def test_machine_of_parallels_that_hears_nothing(prl, boots, line, monkeypatch, capsys):
    """Reference P19."""
    prl.inject(deaf=True)
    monkeypatch.setattr(parallels, "make_disk", only_a_table)
    (Path.cwd() / "boots.toml").write_text(
        'within = 20\n[[expect]]\nregex = "^.shim. start "\n[[expect]]\ntext = ">>> "\n'
    )
    assert main(["watch", "--expect", boots, "--machine", "parallels", "--line", line]) == 0
    assert "5 passed, 0 failed" in capsys.readouterr().out
    assert nothing_left(prl)
