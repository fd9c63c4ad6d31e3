"""probe.trace over simulated windows: what it finds, names, collapses, restores and writes."""

import io
import json
import trace

import mmio
from probe import Map, View
from probe.trace import on, windows
from raising import raises

CARD = Map(
    "card",
    "a device of these tests",
    """
    0x00 ID RO MAJOR@31:24 MINOR@23:16
    0x04 CTRL RW EN@0 MODE@5:4{0:off,2:fast}
    0x08+4*2 PORT RW PED@1/RW1C
    0x10 DATA:64 RW
    """,
)
PORT = Map("port", "its ports", "0x00 STATE RW UP@0")


def window(name="card", base=0x1000):
    return mmio.Regs(base, 0x20, 32, name, mmio.Memory(bytearray(0x20)))


class Part:
    def __init__(self, regs):
        self._r = regs


class Driver:
    MAP = CARD

    def __init__(self):
        self._r = window()
        self.parts = [Part(window("a", 0x2000)), {"b": (window("b", 0x3000),)}]
        self.view = View(PORT, window("viewed", 0x4000))
        self.me = self

    def start(self):
        self._r[4] = 0x21
        for _ in range(3):
            self._r[0]
        self._r.write64(0x10, 1 << 63)
        return self._r[0x0C]


class Nothing:
    pass


def test_windows_are_found_wherever_they_hang():
    driver = Driver()
    found = {w.name: m for w, m in windows(driver)}
    assert sorted(found) == ["a", "b", "card", "viewed"]
    assert found["card"] is CARD and found["viewed"] is PORT
    assert found["a"] is CARD
    assert [w for w, _ in windows(driver._r)] == [driver._r]
    assert {w.name for w, _ in windows(driver, None, 0)} == {"card", "viewed"}
    assert windows(Nothing()) == [] and windows(5) == [] and windows([mmio, Driver]) == []


def test_the_nearest_way_counts():
    box = Nothing()
    box.inner = Nothing()
    box.inner.regs = window()
    for order in ((0, 1), (1, 0)):
        ways = [[box], box]
        assert len(windows([ways[i] for i in order], None, 2)) == 1, order
    assert windows([[box]], None, 2) == []


def test_lines_name_registers_and_collapse_polls():
    driver = Driver()
    with on(driver) as t:
        driver.start()
        t.mark("done")
    lines = [line.split(None, 2) for line in str(t).split("\n")]
    assert [(line[0], line[1]) for line in lines] == [
        ("0.0", "W"),
        ("1.0", "R"),
        ("2.0", "W"),
        ("3.0", "R"),
        ("4.0", "M"),
    ]
    texts = [line[2] for line in lines]
    assert texts[0].startswith("card.CTRL=0x21 EN MODE=fast ")
    assert texts[1].startswith("card.ID=0x0 x3 ")
    assert texts[2].startswith("card.DATA=0x8000000000000000 ")
    assert texts[3].startswith("card.PORT[1]=0x0 ")
    assert texts[4].startswith("-- done ")
    assert texts[0].endswith("sim.py:1 driver")
    assert repr(t) == "<Trace 5 entries, 0 overwritten>" and len(t) == 5


def test_a_part_has_its_wholes_names():
    whole = window()
    with on(whole, CARD) as t:
        whole.window(8, 8, "ports")[4] = 2
        whole.window(0x1C, 4, "tail")[0]
    first, second = str(t).split("\n")
    assert " ports.PORT[1]=0x2 PED " in first
    assert " tail+0x1c=0x0 " in second


def test_detach_restores():
    driver = Driver()
    other = trace.Ring(4)
    driver._r.trace = other
    t = on(driver)
    driver.late = driver._r.window(0, 4)
    assert driver.late.trace is t.ring
    t.detach()
    t.detach()
    assert driver._r.trace is other and driver.late.trace is None
    assert driver.view._regs.trace is None
    driver.start()
    assert len(t) == 0


def test_attached_again():
    regs = window()
    t = on(regs)
    regs[0]
    t.detach()
    regs[4] = 1
    t.attach(regs)
    regs[4] = 2
    assert [e.value for e in t] == [0, 2]
    t.ring.pause()
    t.attach([regs])
    assert t.ring.paused
    t.detach()


def test_a_window_twice():
    regs = window()
    t = on([regs, View(CARD, regs)])
    t.attach(regs)
    regs[0]
    assert len(t) == 1 and "card.ID=" in str(t)
    t.detach()
    assert regs.trace is None


def test_the_bound():
    regs = window()
    with on(regs, entries=3) as t:
        for i in range(5):
            regs[4] = i
    assert [e.value for e in t] == [2, 3, 4]
    assert str(t).split("\n")[-1] == "(2 earlier ones were overwritten)"


def test_bad_arguments():
    assert "no register window" in raises(ValueError, on, Nothing())
    assert "no register window" in raises(ValueError, on, Driver)
    raises(TypeError, on, window(), "card")
    raises(ValueError, on, window(), None, 0)


def test_the_file():
    driver = Driver()
    with on(driver) as t:
        driver.start()
        t.mark('a "quoted" mark')
        driver.view.STATE = 1
        stream = io.StringIO()
        t.export(stream)
        driver.start()  # still recording
    assert len(t) == 10
    head, *entries = [json.loads(line) for line in stream.getvalue().split("\n") if line]
    assert (head["schema"], head["version"]) == ("pyrallax-trace", 1)
    assert head["machine"] == "sim machine"
    assert head["frequency"] == 1000000 and head["dropped"] == 0
    card, viewed = head["windows"]
    assert (card["name"], card["base"], card["size"], card["width"]) == ("card", 0x1000, 0x20, 32)
    assert (card["map"], viewed["map"]) == ("card", "port")
    assert card["registers"] == {
        "ID": "MAJOR@31:24/RO MINOR@23:16/RO",
        "CTRL": "EN@0/RW MODE@5:4/RW{0:off,2:fast}",
        "PORT": "PED@1/RW1C",
        "DATA": "",
    }
    assert [e["op"] for e in entries] == ["W", "R", "W", "R", "M", "W"]
    assert entries[0] == {
        "t": 0,
        "op": "W",
        "w": 0,
        "off": 4,
        "bits": 32,
        "reg": "CTRL",
        "v": 0x21,
        "n": 1,
        "file": "sim.py",
        "line": 1,
        "function": "driver",
    }
    assert entries[1]["n"] == 3
    assert entries[2]["v"] == 1 << 63 and entries[3]["reg"] == "PORT[1]"
    assert entries[4]["text"] == 'a "quoted" mark' and "v" not in entries[4]
    assert entries[5]["w"] == 1


def test_an_empty_file():
    stream = io.StringIO()
    on(window()).export(stream)
    (head,) = stream.getvalue().strip().split("\n")
    assert json.loads(head)["windows"] == []
