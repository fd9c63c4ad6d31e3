"""Traces on the host: what is read, what is refused, where two of them part."""

import itertools
import json
import os
import random
import subprocess
import sys

import pytest

from pyrallax import ROOT
from pyrallax.__main__ import main
from pyrallax.trace import BadTrace, align, diff, parse
from pyrallax.trace.steps import steps

pytestmark = [pytest.mark.host, pytest.mark.probe]

KEPT = ROOT / "tests" / "data" / "traces" / "edu.jsonl"
MODELS = ROOT / "tests" / "unit" / "frozen" / "edu_model.py"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Path of a trace of the driver on a model: sound, slow, deaf."""
    folder = tmp_path_factory.mktemp("traces")
    places = os.pathsep.join(str(ROOT / place) for place in ("tests/sim", "frozen"))

    def record(model):
        path = folder / f"{model}.jsonl"
        if not path.exists():
            with path.open("w") as stream:
                subprocess.run(
                    [sys.executable, MODELS, model],
                    env={**os.environ, "PYTHONPATH": places},
                    stdout=stream,
                    check=True,
                )
        return str(path)

    return record


def made_up(*entries, registers=None, width=32):
    """A trace from (op, register or offset, value[, times]) or a mark's text."""
    window = {"name": "dev", "base": 0x1000, "size": 0x100, "width": width}
    window |= {"map": None, "source": None, "registers": registers or {}}
    head = {"schema": "pyrallax-trace", "version": 1, "machine": "m", "build": "00" * 20}
    head |= {"frequency": 1000000, "start": 5, "dropped": 0, "windows": [window]}
    lines = [head]
    for i, entry in enumerate(entries):
        if isinstance(entry, str):
            lines.append({"t": i, "op": "M", "text": entry})
            continue
        op, at, value, times = (*entry, 1)[:4]
        line = {"t": i, "op": op, "w": 0, "off": at if isinstance(at, int) else 0, "bits": width}
        line |= {"reg": at if isinstance(at, str) else None, "v": value, "n": times}
        lines.append(line | {"file": "d.py", "line": i, "function": "f"})
    return "\n".join(json.dumps(line) for line in lines)


def compared(a, b, **options):
    return diff.compare(*(steps(parse(text).entries, **options) for text in (a, b)))


def test_the_kept_recording():
    trace = parse(KEPT.read_text())
    shown = [step.show() for step in steps(trace.entries)]
    assert shown[0] == "R edu.ID=0x10000ed MAJOR MAGIC=0xed"
    assert shown[1] == "W edu.LIVE=0x12345678"
    assert any(text.startswith("R edu.STATUS=0x1 BUSY x") for text in shown)
    assert "edu_driver.py:" in trace.entries[0].where


def test_a_device_that_fails_on_the_other_machine(recorded, capsys):
    assert main(["trace", "diff", recorded("sound"), recorded("deaf")]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[2] == "they part at step 13 of 13 in a, 13 of 13 in b"
    assert "W edu.IRQ_ACK=0x5" in lines[-5]
    assert lines[-4].startswith("a ") and "R edu.IRQ_STATUS=0x0" in lines[-4]
    assert lines[-3].startswith("b ") and "R edu.IRQ_STATUS=0x5" in lines[-3]
    assert lines[-2].strip() == "bits 0x5"
    assert lines[-1] == "1 difference: 1 in values, 0 steps only in a, 0 only in b"


def test_how_often_it_was_busy_is_no_difference(recorded, capsys):
    assert main(["trace", "diff", recorded("sound"), recorded("slow")]) == 0
    assert "no difference: 13 steps" in capsys.readouterr().out
    assert main(["trace", "diff", recorded("sound"), str(KEPT)]) == 0


def test_ignored_registers(recorded, capsys):
    words = ["trace", "diff", recorded("sound"), recorded("deaf"), "--ignore", "edu.IRQ_STATUS"]
    assert main(words) == 0
    assert "no difference: 11 steps" in capsys.readouterr().out


def test_show(recorded, capsys):
    assert main(["trace", "show", recorded("slow")]) == 0
    out = capsys.readouterr().out
    assert "sim machine, build 00000000, 15 entries, 13 steps" in out
    assert " R edu.STATUS=0x1 BUSY x40, 0x0 " in out


def test_values_by_field():
    declared = {"STS": "DET@3:0{0:none,3:up} SPD@7:4 IPM@11:8"}
    a = made_up(("R", "STS", 0x123), registers=declared)
    b = made_up(("R", "STS", 0x110), registers=declared)
    (found,) = compared(a, b)
    assert diff.fields(found) == ["DET up -> none", "SPD 0x2 -> 0x1"]
    assert found.a.show() == "R dev.STS=0x123 DET=up SPD=0x2 IPM"
    c = made_up(("R", "STS", 0x10123), registers=declared)
    assert diff.fields(compared(a, c)[0]) == ["bits 0x10000"]


def test_parts_and_members_of_registers():
    declared = {"ERDP": "EHB@3 HIGH@35", "PORT": "PED@1"}
    text = made_up(("R", "ERDP+4", 8), ("R", "PORT[2]", 2), ("R", 0x44, 1), registers=declared)
    shown = [step.show() for step in steps(parse(text).entries)]
    assert shown == ["R dev.ERDP+4=0x8 HIGH", "R dev.PORT[2]=0x2 PED", "R dev+0x44=0x1"]


def test_alignment_goes_on_behind_a_difference():
    a = made_up(("W", "A", 1), ("R", "B", 0), ("W", "C", 1), "end", ("R", "D", 1))
    b = made_up(("W", "A", 1), ("R", "X", 7), ("R", "B", 0), ("W", "C", 2), "end", ("R", "D", 1))
    found = compared(a, b)
    assert [(d.a and d.a.show(), d.b and d.b.show()) for d in found] == [
        (None, "R dev.X=0x7"),
        ("W dev.C=0x1", "W dev.C=0x2"),
    ]
    assert compared(a, a) == []
    assert [d.b for d in compared(a, made_up(("W", "A", 1)))] == [None] * 4


def test_a_periodic_trace_stays_aligned():
    """Steps that are missing here and there, among turns that are all alike."""
    turn = [("W", "DOORBELL", 1), ("R", "STATUS", 0), ("W", "ACK", 1), ("R", "HEAD", 0)]
    whole = turn * 500
    lost = {401, 802, 803, 1600}
    found = compared(
        made_up(*whole), made_up(*[step for i, step in enumerate(whole) if i not in lost])
    )
    assert len(found) == len(lost) and all(d.b is None for d in found)
    assert {d.a.first.name for d in found} == {"dev.STATUS", "dev.ACK", "dev.HEAD", "dev.DOORBELL"}


def test_pairs_are_the_most_there_can_be():
    """Against the textbook's table, on random sequences."""
    rng = random.Random(5)
    for _ in range(300):
        a, b = ([rng.choice("abc") for _ in range(rng.randrange(12))] for _ in range(2))
        table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
        for i, x in enumerate(a):
            for j, y in enumerate(b):
                best = table[i][j] + 1 if x == y else max(table[i][j + 1], table[i + 1][j])
                table[i + 1][j + 1] = best
        found = align.pairs(a, b)
        assert len(found) == table[-1][-1], (a, b)
        assert all(a[x] == b[y] for x, y in found)
        assert all(p[0] < q[0] and p[1] < q[1] for p, q in itertools.pairwise(found))


def test_sequences_that_differ_much_are_aligned_piece_by_piece(monkeypatch):
    monkeypatch.setattr(align, "_EDITS_MAX", 3)
    assert align.pairs("abcdefgh", "stuvwxyz") == []
    assert align.pairs("abcdefgh", "abxxcdyyyyefgh")[:2] == [(0, 0), (1, 1)]
    rng = random.Random(7)
    for _ in range(300):
        a, b = ([rng.choice("abcdef") for _ in range(rng.randrange(40))] for _ in range(2))
        found = align.pairs(a, b)
        assert all(a[x] == b[y] for x, y in found)
        assert all(p[0] < q[0] and p[1] < q[1] for p, q in itertools.pairwise(found))


@pytest.mark.parametrize(
    "one, other, alike",
    [
        ([1, 1, 0], [1, 0], True),  # busy for longer
        ([1, 0], [0], True),  # seen too late to be busy
        ([1], [1, 0], False),  # gave up
        ([5, 6, 7], [5, 9, 7], False),  # a FIFO
        ([5, 6], [6, 5], False),
    ],
)
def test_polls(one, other, alike):
    a, b = (made_up(*[("R", "A", value) for value in values]) for values in (one, other))
    assert (not compared(a, b)) is alike and (not compared(b, a)) is alike


def test_another_width_is_a_difference():
    (found,) = compared(made_up(("R", "A", 1)), made_up(("R", "A", 1), width=64))
    assert diff.fields(found) == ["width 32 -> 64"]


def test_all_differences(capsys, tmp_path):
    for name, values in (("a", (1, 2, 3)), ("b", (1, 5, 6))):
        (tmp_path / name).write_text(made_up(*[("W", "A", value) for value in values]))
    assert main(["trace", "diff", "--all", str(tmp_path / "a"), str(tmp_path / "b")]) == 1
    out = capsys.readouterr().out
    assert "W dev.A=0x3" in out and "W dev.A=0x6" in out and "2 differences" in out


def lines_with(at, **change):
    lines = made_up(("R", 0, 1), "mark").splitlines()
    lines[at] = json.dumps(json.loads(lines[at]) | change)
    return "\n".join(lines)


@pytest.mark.parametrize(
    "text, why",
    [
        ("", "empty"),
        ("{", "line 1: not JSON"),
        ("[]", "no trace"),
        ('{"schema": "other"}', "no trace"),
        (lines_with(0, version=2), "version 2"),
        (lines_with(0, frequency=0), "line 1: .*frequency"),
        (lines_with(0, windows=[]), "line 2: window 0 of 0"),
        (lines_with(1, op="X"), "line 2: .*op"),
        (lines_with(1, v=-1), "line 2: .*v must"),
        (lines_with(2, text=5), "line 3: .*text"),
        (made_up(("R", 0, 1)) + "\n[1]", "line 3"),
        (made_up(("R", "A", 1), registers={"A": "EN@x"}), "dev.A: "),
    ],
)
def test_what_is_no_trace(text, why):
    with pytest.raises(BadTrace, match=why):
        parse(text)


def test_status_of_what_cannot_be_compared(tmp_path, capsys):
    (tmp_path / "a").write_bytes(b"\xff")
    assert main(["trace", "diff", str(tmp_path / "a"), str(KEPT)]) == 2
    assert main(["trace", "diff", str(tmp_path / "none"), str(KEPT)]) == 2
    said = capsys.readouterr().err
    assert "not text" in said and "No such file" in said


def test_an_access_that_nothing_answered():
    lines = made_up(("R", "A", 0), ("W", "B", 5)).splitlines()
    dead = [json.dumps(json.loads(line) | {"fault": True}) for line in lines[1:]]
    answered, faulted = "\n".join(lines), "\n".join(lines[:1] + dead)
    assert [step.show() for step in steps(parse(faulted).entries)] == [
        "R dev.A=BusError",
        "W dev.B=0x5 BusError",
    ]
    assert compared(faulted, faulted) == []
    assert len(compared(answered, faulted)) == 4
    twice = parse(faulted + "\n" + dead[0] + "\n" + dead[0])
    assert [step.show() for step in steps(twice.entries)][-1] == "R dev.A=BusError x2"
