"""Heartbeat lines on the host."""

import zlib

import pytest

from pyrallax import heartbeat

pytestmark = [pytest.mark.host, pytest.mark.probe]


def line(text: str) -> str:
    return f"{text} *{zlib.crc32(text.encode()):08x}"


def beat(n: int, **values: int) -> str:
    all_ = {
        "n": n,
        "up_ms": 1000 * n,
        "heap": 5,
        "irq": 10 * n,
        "irq.27": n,
        "dropped": 0,
    } | values
    return line("@@ heartbeat 1 " + " ".join(f"{k}={v}" for k, v in all_.items()))


def test_values():
    found = heartbeat.parse(beat(3, usb_keys=7))
    assert found.values["usb_keys"] == 7 and found.values["up_ms"] == 3000
    assert found.interrupts == {27: 3}


def test_prompt_before_it_and_unknown_keys():
    found = heartbeat.parse(">>> prin" + beat(1, **{"new_key.x": -4}) + "\r")
    assert found.values["new_key.x"] == -4


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@@ heartbeat",
        "@@ heartbeat 1 n=1",
        line("@@ heartbeat 2 n=1"),
        line("@@ heartbeat 1 n=x"),
        line("@@ other 1 n=1"),
        beat(1).replace("n=1", "n=2"),
        beat(1)[:-1],
    ],
)
def test_no_beat(text):
    assert heartbeat.parse(text) is None


def test_every_single_flipped_bit_is_seen():
    good = beat(12, usb_keys=3)
    for i in range(len(good)):
        for bit in range(7):
            bad = good[:i] + chr(ord(good[i]) ^ 1 << bit) + good[i + 1 :]
            found = heartbeat.parse(bad)
            assert found is None or found == heartbeat.parse(good), bad  # a prefix may change


def test_beats_of_a_log():
    text = f"boot\r\n{beat(1)}\r\nnoise {beat(2)}\r\n{beat(3)[5:]}\r\n"
    assert [b.values["n"] for b in heartbeat.beats(text)] == [1, 2]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([beat(1), beat(2), beat(3)], []),
        ([beat(1), beat(4)], ["beat 4: 2 before it are missing"]),
        ([beat(1), beat(4, dropped=2)], []),
        ([beat(5), beat(1)], ["beat 1: the machine started again"]),
        ([beat(1), beat(2, up_ms=1000)], ["beat 2: the clock stands still"]),
        ([beat(1), beat(2, irq=10)], ["beat 2: no interrupt since the one before"]),
        ([beat(1, dma_broken=2), beat(2, dma_broken=2)], ["beat 1: 2 DMA guards broken"]),
    ],
)
def test_troubles(lines, said):
    assert heartbeat.troubles([heartbeat.parse(text) for text in lines]) == said
