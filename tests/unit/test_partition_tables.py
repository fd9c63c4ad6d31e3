"""Partition tables that sgdisk and sfdisk made, read by both interpreters."""

import json
import os
import re
import subprocess
import sys

import e2fs
import pytest

from pyrallax import BUILD, ROOT

pytestmark = pytest.mark.storage

_FROZEN = ROOT / "tests/unit/frozen"
_PLACES = [str(ROOT / p) for p in ("tests/sim", "frozen/blk", "frozen/bus", "frozen/system")]


def tool(*argv, stdin=""):
    return e2fs.run(*argv, input=stdin.encode()).decode()


@pytest.fixture(params=["cpython", "unix"])
def listed(request):
    """listed(image, block_size=512) -> what the frozen code finds."""
    script = _FROZEN / "list_partitions.py"
    argv, env = [sys.executable, script], {**os.environ, "PYTHONPATH": ":".join(_PLACES)}
    if request.param == "unix":
        unix = BUILD / "unix/micropython"
        assert unix.is_file(), "no unix port: run `make unix`"
        argv = [unix, script]
        env["MICROPYPATH"] = ":".join([".frozen", *_PLACES])

    def run(image, block_size=512):
        words = [str(word) for word in (*argv, image, block_size)]
        done = subprocess.run(words, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture
def image(tmp_path):
    path = tmp_path / "disk.img"
    path.write_bytes(b"")
    os.truncate(path, 64 << 20)
    return path


def sgdisk_says(image, number):
    """(first, count, type, guid, name) by `sgdisk -i`, an independent reader."""
    text = tool("sgdisk", "-i", number, image)
    first = int(re.search(r"First sector: (\d+)", text)[1])
    count = int(re.search(r"Partition size: (\d+)", text)[1])
    kind = re.search(r"GUID code: (\S+)", text)[1].lower()
    guid = re.search(r"unique GUID: (\S+)", text)[1].lower()
    return [first, count, kind, guid, re.search(r"name: '(.*)'", text)[1]]


def make(image):
    tool("sgdisk", "-n", "1:0:+8M", "-t", "1:ef00", "-c", "1:EFI system", "-n", "7:0:+1M",
         "-c", "7:spare \u00e4", "-n", "3:0:0", "-t", "3:8305", "-c", "3:root", image)  # fmt: skip


def test_sgdisk(image, listed):
    make(image)
    out = listed(image)
    assert out["check"] == [] and out["log"] == []
    assert [p[0] for p in out["found"]] == [1, 3, 7]
    for number, *rest in out["found"]:
        assert rest == sgdisk_says(image, number)
    assert out["found"][1][3] == "b921b045-1df0-41c3-af44-4c6f280d3fae"


def test_sgdisk_with_a_broken_primary(image, listed):
    make(image)
    sound = listed(image)["found"]
    with image.open("r+b") as f:
        f.seek(512)
        f.write(bytes(512))
    out = listed(image)
    assert out["found"] == sound
    assert "using the GPT backup" in out["log"][1]


def test_sgdisk_hybrid(image, listed):
    make(image)
    tool("sgdisk", "-h", "1", image)
    assert [p[0] for p in listed(image)["found"]] == [1, 3, 7]


def test_sgdisk_many_entries(image, listed):
    tool("sgdisk", "-S", "1024", image)
    make(image)
    assert [p[0] for p in listed(image)["found"]] == [1, 3, 7]


def test_sfdisk_mbr_with_logical_partitions(image, listed):
    script = "label: dos\nlabel-id: 0x1b2c3d4e\n2048,8192,0xef,*\n16384,8192,83\n32768,,5\n"
    script += "34816,4096,83\n40960,4096,82\n,,83\n"
    tool("sfdisk", image, stdin=script)
    judge = json.loads(tool("sfdisk", "-J", image))["partitiontable"]["partitions"]
    expected = []
    for p in judge:
        if p["type"] != "5":
            number = int(re.search(r"(\d+)$", p["node"])[1])
            expected.append([number, p["start"], p["size"], f"0x{int(p['type'], 16):02x}"])
    out = listed(image)
    assert [p[:4] for p in out["found"]] == expected and len(expected) == 5
    assert [p[4][-3:] for p in out["found"]] == ["-01", "-02", "-04", "-05", "-06"]
    assert out["log"] == []


def test_file_systems_without_a_table(image, listed):
    """A boot sector of FAT has an MBR's signature, and nothing that is a partition."""
    tool("mformat", "-i", image, "-F", "::")
    assert listed(image)["found"] == []
