"""The pure parts of inv bench: tables, means, goals, the document, profiles.  No emulator."""

import json
import time
from collections import Counter

import pytest

from pyrallax import bench, flashing
from pyrallax.bench import figures, host, interp, profile, storage, storage_disks, usb, usb_walls
from pyrallax.bench.figures import Figure, geomean
from pyrallax.bench.machine import Images
from pyrallax.vm.config import Unfit

pytestmark = pytest.mark.bench

KEYS = {
    "boot.direct.insns",
    "boot.uefi.insns",
    "boot.direct.wall_s",
    "boot.uefi.wall_s",
    "interp.geomean_vs_unix",
    "size.loaded_bytes",
    "ram.min_mb",
    "reset.soft_ms",
    "discovery.insns",
    "mmio.read_vs_len",
    "ahci.sequential_insns_per_mib",
    "ahci.random_insns",
    "ext2.file_insns_per_mib",
    "ext2.list_1000_insns",
    "ext2.list_10000_insns",
    "ext2.stat_insns",
    "ext2.small_insns",
    "ext2.read_alloc_bytes",
    "ext2.cache_bytes",
    "flash.zeros_16mib_s",
    "flash.random_vs_line",
    "ramboot.s",
    "usb.probe_to_keyboard_s",
    "usb.key_latency_ms",
    "usb.reports_lost",
}


def test_table_of_the_unix_port():
    table = interp.parse(interp.UNIX)
    assert len(table) == 17
    assert table["chaos"] == 252.0
    assert table["import_mpy_multi"] == 52.4
    assert table["raytrace"] == 152.4


@pytest.mark.parametrize("text", ["chaos", "chaos 1 · fft", "chaos x", "", "chaos 1 · chaos 2"])
def test_table_refuses(text):
    with pytest.raises(ValueError):
        interp.parse(text)


def test_geomean():
    assert geomean([2, 8]) == pytest.approx(4)
    assert geomean([0.855]) == pytest.approx(0.855)
    assert geomean(x for x in (1e-200, 1e200)) == pytest.approx(1)


@pytest.mark.parametrize("ratios", [[], [1, 0], [-1], [float("nan")]])
def test_geomean_refuses(ratios):
    with pytest.raises(ValueError):
        geomean(ratios)


def test_goals_are_the_issue_s():
    assert set(figures.GOALS) == KEYS
    assert figures.GOALS["size.loaded_bytes"] == 1536 * 1024


@pytest.mark.parametrize(
    ("key", "runs", "verdict"),
    [
        ("boot.direct.insns", [10e6], "pass"),
        ("boot.direct.insns", [10e6 + 1], "miss"),
        ("boot.direct.insns", [11e6, 9e6], "pass"),
        ("mem.copy_insns_per_kib", [1e9], ""),
    ],
)
def test_verdict(key, runs, verdict):
    assert Figure(key, "instructions", runs).verdict == verdict


def test_storage_figures():
    reads = [([64e6, 32e6, 900, 800, 950, 850, 30e3, 50e3], 2 << 20)] * 2
    memory = [((4096, 1024), (0, 1024))] * 2
    ahci = [(1900.0, 2100.0, 30e3, 900.0, 32)] * 2
    writes = [([8e5, 6e5, 7e5], [10000, 150, 160])] * 2
    found = {f.key: f for f in storage.figures(ahci, reads, writes, memory)}
    assert {key for key in figures.GOALS if key.startswith(("ahci", "ext2"))} <= set(found)
    assert found["ext2.file_insns_per_mib"].runs == [1e6, 1e6]
    assert found["ext2.list_10000_insns"].ours == 950
    assert found["ext2.stat_insns"].verdict == "miss"
    assert found["ext2.small_insns"].verdict == "pass"
    assert found["ext2.delete_insns"].ours == 6e5
    assert "160 requests" in found["ext2.create_late_insns"].beside
    assert found["ext2.read_alloc_bytes"].ours == 0


def test_usb_keys():
    ours, theirs = [float(n) for n in range(1, 102)], [2.0] * 101
    middle, late = usb.latency(ours, theirs)
    assert (middle.ours, middle.theirs, middle.key) == (51, 2, "usb.key_latency_ms")
    assert (late.ours, late.verdict) == (100, "miss")
    assert usb.latency(ours, [])[0].theirs is None
    with pytest.raises(Unfit, match="3 keys"):
        usb.latency(ours[:3], theirs)


def test_the_guests_clock(monkeypatch):
    """By the quickest of the questions, whose answer is taken to be from its middle."""
    times = iter([0, 100, 200, 220, *range(300, 300 + 60 * 96, 60)])
    monkeypatch.setattr(usb_walls.time, "monotonic_ns", lambda: next(times))
    there = iter([1050, 1207, *[0] * 48])
    assert usb_walls.offset(lambda: next(there)) == 1207 - 210


def test_storage_tree(tmp_path, monkeypatch):
    monkeypatch.setattr(storage_disks, "FILE_MIB", 1)
    storage_disks.tree(tmp_path / "tree")
    assert (tmp_path / "tree" / "big.bin").stat().st_size == 1 << 20
    for folder, names in (("d1000", 1000), ("d10000", 10000), ("small", 1000)):
        assert len(list((tmp_path / "tree" / folder).iterdir())) == names


def test_scratch_disk_is_a_longer_copy_that_goes(tmp_path):
    volume = tmp_path / "ext2.img"
    volume.write_bytes(b"volume")
    with storage_disks.scratch(volume, "a") as words:
        path = dict(word.split("=") for word in words.split(","))["filename"]
        with open(path, "rb") as copy:
            assert copy.read(7) == b"volume\0"
            assert copy.seek(0, 2) == (256 + 64) << 20
    assert list(tmp_path.iterdir()) == [volume]


def test_a_part_that_cannot_be_measured_is_told_before_the_others_are(monkeypatch):
    def missing(*words):
        raise ModuleNotFoundError("No module named 'esptool'", name="esptool")

    monkeypatch.setattr(flashing, "import_module", missing)
    monkeypatch.setattr(Images, "copy", lambda folder: pytest.fail("measuring began"))
    with pytest.raises(Unfit, match="esptool is not installed"):
        bench.main(["--only", "size,serial"])


def test_a_command_that_shows_nothing_is_no_endless_wait(monkeypatch):
    monkeypatch.setattr(host, "_RUN_S", 0.3)
    began = time.monotonic()
    with pytest.raises(Unfit, match="sleep 200 came to no prompt"):
        host._to_prompt("sleep 200")
    assert time.monotonic() - began < 100


def test_least_and_spread():
    figure = Figure("x", "s", [3.0, 1.0, 2.0])
    assert (figure.ours, figure.spread, figure.goal) == (1.0, 2.0, None)


@pytest.mark.parametrize(
    ("value", "text"), [(2987654, "2,987,654"), (10.0, "10"), (0.8034, "0.803"), (None, "")]
)
def test_number(value, text):
    assert figures.number(value) == text


def test_table_lines_up():
    text = figures.table([Figure("a.b", "s", [1.5]), Figure("ram.min_mb", "MiB", [4], "beside")])
    head, first, second = text.splitlines()
    assert head.split()[0] == "figure"
    assert first.split() == ["a.b", "1.500", "s", "0"]
    assert second.split() == ["ram.min_mb", "4", "MiB", "0", "32", "pass", "beside"]


def test_document(tmp_path, monkeypatch):
    monkeypatch.setattr(figures, "qemu_version", lambda: "7.2.0")
    images = Images(tmp_path, tmp_path, "abcd", "1.2")
    figure = Figure("ram.min_mb", "MiB", [4], "beside", {"extra": 1})
    document = json.loads(json.dumps(figures.document([figure], {"perf_bench": {}}, images)))
    assert document["schema"] == figures.SCHEMA
    assert document["build_id"] == "abcd"
    assert document["versions"]["qemu"] == "7.2.0"
    assert document["perf_bench"] == {}
    assert document["figures"]["ram.min_mb"] == {
        "ours": 4,
        "unit": "MiB",
        "runs": [4],
        "extra": 1,
        "beside": "beside",
        "goal": 32,
        "pass": True,
    }


def test_beside_linux_least_by_least():
    figure = Figure("x", "instructions", [200.0, 100.0], linux=[50.0, 80.0])
    assert (figure.ours, figure.theirs, figure.ratio) == (100, 50, 0.5)
    assert figure.verdict == ""


def test_beside_linux_pair_by_pair():
    # The host was ten times busier in the second pair: the medians would say 2.5.
    figure = Figure("x", "us", [2.0, 30.0, 20.0], linux=[3.0, 50.0, 20.0], paired=True)
    assert (figure.ours, figure.theirs) == (20, 20)
    assert figure.ratio == 1.5
    assert Figure("x", "us", [1.0], paired=True).ratio is None


@pytest.mark.parametrize(
    ("linux", "verdict"), [([1.0], "pass"), ([1.5], "pass"), ([0.9], "miss"), ([], "")]
)
def test_verdict_of_a_ratio(linux, verdict):
    assert Figure("ahci.read_us_per_mib", "us", [1.0], linux=linux).verdict == verdict


def test_both_goals_count(monkeypatch):
    monkeypatch.setitem(figures.GOALS, "ahci.read_us_per_mib", 5)
    assert Figure("ahci.read_us_per_mib", "us", [5.0], linux=[6.0]).verdict == "pass"
    assert Figure("ahci.read_us_per_mib", "us", [6.0], linux=[7.0]).verdict == "miss"


def test_document_beside_linux(tmp_path, monkeypatch):
    monkeypatch.setattr(figures, "qemu_version", lambda: "7.2.0")
    figure = Figure("ahci.read_us_per_mib", "us", [2.0, 4.0], linux=[3.0, 4.0], paired=True)
    document = figures.document([figure], {}, Images(tmp_path, tmp_path))
    assert document["figures"]["ahci.read_us_per_mib"] == {
        "ours": 3,
        "unit": "us",
        "runs": [2, 4],
        "linux": 3.5,
        "linux_runs": [3, 4],
        "ratio": 1.25,
        "least_ratio": 1,
        "pass": True,
    }


def test_markdown():
    figure = Figure("ahci.read_us_per_mib", "us", [2.0], "said", linux=[3.0])
    head, line, row = figures.markdown([figure]).splitlines()
    assert head.startswith("| figure | ours | unit |")
    assert line.count("---") == head.count("|") - 1
    assert row == "| ahci.read_us_per_mib | 2 | us | 0 | 3 | 1.50x | 1.00x | pass | said |"


LISTING = """
ffffffff80000000 T _start
ffffffff80000010 t $x
ffffffff80000100 T main
ffffffff80000200 B data
"""
SEGMENTS = "LOAD 0x001000 0xffffffff80000000 0x0000000040200000 0x092edc 0x1000 R E 0x1000"


def test_symbols():
    symbols = profile.Symbols(LISTING, SEGMENTS)
    assert symbols.name(0xFFFFFFFF80000010) == "_start"
    assert symbols.name(0xFFFFFFFF80000104) == "main"
    assert symbols.name(0x40200104) == "main"
    assert symbols.name(0x10) == "(elsewhere)"


def test_execution_log(tmp_path):
    log = tmp_path / "exec.log"
    line = "Trace 0: 0x7f0000000000 [00000000/%016x/00000051/ff000000] name\n"
    log.write_text("".join(line % a for a in (0x40200000, 0x40200100, 0x40200104)) + "cut off [0")
    counts: Counter = Counter()
    profile.count(log, counts)
    total = profile.by_function(counts, profile.Symbols(LISTING, SEGMENTS))
    assert total == {"_start": 1, "main": 2}
    assert profile.table(total, 1).splitlines()[1].split() == ["2", "66.7", "%", "main"]
