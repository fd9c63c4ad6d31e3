"""Linux beside the firmware: what it boots into, what it answers, and what becomes of that."""

import stat
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from pyrallax.bench import storage, storage_linux
from pyrallax.bench.figures import Figure
from pyrallax.bench.peers import initramfs, linux, packages
from pyrallax.bench.peers.packages import NoPeer

pytestmark = pytest.mark.bench


def unpacked(archive: bytes) -> dict[str, tuple[int, bytes]]:
    """A reader of the format's description: header of 13 numbers, name and data in fours."""
    out, at = {}, 0
    while True:
        assert archive[at : at + 6] == b"070701"
        fields = [int(archive[at + 6 + 8 * i : at + 14 + 8 * i], 16) for i in range(13)]
        mode, size, name_size = fields[1], fields[6], fields[11]
        name = archive[at + 110 : at + 110 + name_size]
        assert name[-1:] == b"\0"
        at += (110 + name_size + 3) & ~3
        if name == b"TRAILER!!!\0":
            assert at == len(archive)
            return out
        out[name[:-1].decode()] = (mode, archive[at : at + size])
        at += (size + 3) & ~3


def test_archive():
    entries = [initramfs.directory("dev"), initramfs.program("init", b"12345")]
    assert unpacked(initramfs.newc(entries)) == {
        "dev": (stat.S_IFDIR | 0o755, b""),
        "init": (stat.S_IFREG | 0o755, b"12345"),
    }


def module(*needs: str) -> bytes:
    return b"\x7fELF\0license=GPL\0depends=" + ",".join(needs).encode() + b"\0name=x\0"


def test_modules_come_after_what_they_need(tmp_path):
    needs = {"ahci": ["libahci", "t10_pi"], "libahci": ["t10_pi"], "t10-pi": [], "other": []}
    for name, others in needs.items():
        (tmp_path / f"{name}.ko").write_bytes(module(*others))
    order = initramfs.ordered(tmp_path, ["ahci", "libahci"])
    assert [path.stem for path in order] == ["t10-pi", "libahci", "ahci"]


def test_module_that_is_not_there(tmp_path):
    (tmp_path / "ahci.ko").write_bytes(module("gone"))
    with pytest.raises(NoPeer, match="no module gone"):
        initramfs.ordered(tmp_path, ["ahci"])


def test_answers():
    assert linux.parse("@ 1200 34\r") == (1200, 34)
    with pytest.raises(NoPeer, match="No such file"):
        linux.parse("@ error -2")


@pytest.mark.parametrize("line", ["@", "@ 1", "@ 1 x", "@ -1 2", "1 2 3", "@ 1 2 3"])
def test_answers_refused(line):
    with pytest.raises(NoPeer):
        linux.parse(line)


def test_program_compiles_for_any_arm64_linux(tmp_path):
    elf = linux.compiled(tmp_path / "init")
    assert elf[:4] == b"\x7fELF"
    assert elf[16:20] == b"\x02\0\xb7\0"  # an executable that is not moved, AArch64
    assert b"/lib/ld-" not in elf


def test_no_apt(tmp_path, monkeypatch):
    monkeypatch.setattr(packages, "CACHE", tmp_path)
    monkeypatch.setattr(packages.shutil, "which", lambda name: None)
    with pytest.raises(NoPeer, match="apt-get is needed"):
        packages.fetch()


def test_cache_of_packages(tmp_path, monkeypatch):
    monkeypatch.setattr(packages, "CACHE", tmp_path)
    monkeypatch.setattr(packages.shutil, "which", lambda name: name)
    kernel = tmp_path / "peers" / "kernel"
    (kernel / "boot").mkdir(parents=True)
    (kernel / "boot" / "vmlinuz-6.1").touch()
    (kernel / "lib" / "modules" / "6.1").mkdir(parents=True)
    found = packages.fetch()
    assert (found.kernel.name, found.modules.name) == ("vmlinuz-6.1", "6.1")
    (kernel / "boot" / "vmlinuz-6.2").touch()
    with pytest.raises(NoPeer, match="not whole"):
        packages.fetch()


def test_what_linux_was_is_told_though_it_stops_half_way(tmp_path, monkeypatch, capsys):
    def no_counter(*args):
        raise NoPeer("Linux sees no counter")

    peer = SimpleNamespace(version="6.1", words="debian")
    monkeypatch.setattr(storage, "volume", lambda folder: tmp_path)
    monkeypatch.setattr(storage, "figures", lambda *lists: [])
    monkeypatch.setattr(storage_linux, "prepare", lambda folder: peer)
    monkeypatch.setattr(storage_linux, "counts", no_counter)
    assert storage.measure(None, 0) == ([], {"linux": {"version": "6.1", "words": "debian"}})
    assert "not wholly beside: Linux sees no counter" in capsys.readouterr().err


class FakeLinux:
    """Answers 1,000 instructions for the first request, 2,000 for the second, …"""

    def __init__(self):
        self.asked: list[str] = []

    @contextmanager
    def machine(self, **options):
        yield self

    def ask(self, words):
        self.asked.append(words)
        return 1000 * len(self.asked), 0


def test_counts_are_of_one_request_each(tmp_path):
    volume = tmp_path / "ext2.img"
    volume.touch()
    peer = FakeLinux()
    keys = [*storage_linux._ON_NULL, *storage_linux._ON_VOLUME]
    figures = [Figure(key, "instructions", [1.0]) for key in keys]
    storage_linux.counts(peer, volume, figures, 2)
    assert [len(figure.linux) for figure in figures] == [2] * len(keys)
    first = 1 + peer.asked.index("random 512")
    assert figures[1].linux[0] == 1000 * first / 512
    assert set(storage_linux._WARM) <= set(peer.asked)


def test_no_counter_of_instructions(tmp_path):
    class Silent(FakeLinux):
        def ask(self, words):
            return 0, 1

    with pytest.raises(NoPeer, match="no counter"):
        storage_linux.counts(
            Silent(), tmp_path, [Figure("ahci.sequential_insns_per_mib", "", [])], 1
        )


def test_speeds():
    figure = Figure("ahci.read_us_per_mib", "us", [250.0, 500.0], linux=[500.0, 500.0])
    assert storage_linux.speeds(figure) == "ratios 1.00 to 2.00; 4,000 MiB/s, Linux 2,000"
    figure.key = "ahci.random_us"
    assert storage_linux.speeds(figure) == "ratios 1.00 to 2.00"
