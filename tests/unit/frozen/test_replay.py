"""Recordings as devices: one made on QEMU against the driver it was made of, and made-up ones."""

import json

import mmio
from raising import raises
from replay import Mismatch, Replay

import edu_driver

RECORDING = __file__.replace("\\", "/").rsplit("/", 3)[0] + "/data/traces/edu.jsonl"


def fresh(source=RECORDING, strict=False):
    mmio.detach_all()
    return Replay(source, strict)


def test_the_recorded_driver_runs_again():
    for strict in (True, False):
        replay = fresh(strict=strict)
        assert edu_driver.session(replay.window("edu")) == (True, 3628800, 0, (5, 0))
        replay.finish()


def test_strict_wants_every_read():
    replay = fresh(strict=True)
    regs = replay.window("edu")
    assert regs[0] == 0x010000ED
    said = raises(Mismatch, regs.read32, 0)
    assert "read of 32 bits" in said and "+0x4 (LIVE) = 0x12345678, line 3, by" in said
    assert "left out" in raises(Mismatch, replay.finish)


def test_loose_lets_a_driver_poll_at_its_own_speed():
    replay = fresh()
    regs = replay.window("edu")
    assert [regs[0] for _ in range(3)] == [0x010000ED] * 3
    regs[4] = 0x12345678
    regs[8] = 10  # the answer at 4 was not read
    while regs[0x20] & 1:
        pass
    assert regs[0x20] == 0 and regs[4] == 0xEDCBA987
    assert regs[8] == 3628800


def test_a_write_must_be_the_recorded_one():
    regs = fresh().window("edu")
    said = raises(Mismatch, regs.write32, 4, 0x1234)
    assert "write of 32 bits" in said and "= 0x1234: recorded was" in said
    assert "= 0x12345678" in said and "/edu_driver.py:" in said
    assert "recorded was" in raises(Mismatch, regs.write8, 4, 0x78)
    assert "never read" in raises(Mismatch, regs.read32, 0x98)


def made_up(*entries, **head):
    base = {
        "schema": "pyrallax-trace",
        "version": 1,
        "dropped": 0,
        "windows": [
            {"name": "hba", "base": 0x1000, "size": 0x1000, "width": 32, "map": None},
            {"name": "port", "base": 0x1100, "size": 0x80, "width": 32, "map": None},
        ],
    }
    base.update(head)
    lines = [json.dumps(base)]
    for op, w, off, v in entries:
        entry = {"op": op, "w": w, "off": off, "v": v, "bits": 32, "reg": None, "t": 0, "n": 1}
        entry.update({"file": "a.py", "line": 7, "function": "f"})
        lines.append(json.dumps(entry))
    return lines


def test_a_part_of_a_window():
    lines = made_up(("R", 0, 0x100, 1), ("R", 1, 0, 2), ("W", 0, 0x104, 3))
    for strict in (True, False):
        replay = fresh(lines, strict)
        port = replay.window("port")
        assert (port[0], replay.window("hba")[0x100]) == (1, 2)
        port[4] = 3
        replay.finish()


def test_a_fifo_gives_its_values_in_order():
    lines = made_up(("R", 0, 0, 1), ("R", 0, 0, 1), ("R", 0, 0, 2), ("W", 0, 4, 0), ("R", 0, 0, 3))
    regs = fresh(lines).window("hba")
    assert [regs[0] for _ in range(4)] == [1, 1, 2, 2]
    regs[4] = 0
    assert regs[0] == 3


def test_left_out_and_too_much():
    replay = fresh(made_up(("W", 0, 0, 1), ("R", 0, 4, 0), ("W", 0, 0, 2)))
    regs = replay.window("hba")
    regs[0] = 1
    assert "left out: write of 32 bits hba+0x0 = 0x2, line 4" in raises(Mismatch, replay.finish)
    regs[0] = 2
    replay.finish()
    assert "has ended" in raises(Mismatch, regs.write32, 0, 3)


def test_what_is_no_recording():
    assert "no trace" in raises(ValueError, Replay, made_up(version=2))
    assert "first 7 entries" in raises(ValueError, Replay, made_up(dropped=7))
    raises(KeyError, fresh(made_up()).window, "nobody")


def test_what_faulted_faults_again():
    for strict in (True, False):
        lines = made_up(("R", 0, 8, 0), ("W", 0, 0x0C, 5), ("R", 0, 0, 3))
        for i in (1, 2):
            lines[i] = json.dumps(dict(json.loads(lines[i]), fault=True))
        replay = fresh(lines, strict)
        regs = replay.window("hba")
        raises(mmio.BusError, regs.read32, 8)
        raises(mmio.BusError, regs.write32, 0x0C, 5)
        assert regs[0] == 3
        replay.finish()
