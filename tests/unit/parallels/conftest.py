"""A machine on a fake prlctl that checks every word; guests are scripts."""

import pytest
from fake_prl.harness import SMALL
from fake_prl.machines import only_a_table

from pyrallax.image import disk
from pyrallax.vm import parallels
from pyrallax.vm.parallels import ParallelsVm
from pyrallax.vm.prl import end
from pyrallax.vm.prl.make import Parallels


@pytest.fixture(autouse=True)
def quick(monkeypatch, tmp_path, request):
    """An ESP without firmware, which guests here do not read, or no file system at all."""
    (tmp_path / "file").write_bytes(b"x")
    files = {"EFI/BOOT/BOOTAA64.EFI": tmp_path / "file"}
    monkeypatch.setattr(disk, "esp_files", lambda cmdline, work: files)
    if "real_disk" not in request.fixturenames:
        monkeypatch.setattr(parallels, "make_disk", only_a_table)


@pytest.fixture
def stuck(monkeypatch):
    """Who waits for what never comes need not wait for long."""
    monkeypatch.setattr(end, "_STOP_S", 1.0)


@pytest.fixture
def real_disk():
    """The disk is made as users get it."""


@pytest.fixture
def said():
    return []


@pytest.fixture
def vm(prl, said):
    machine = ParallelsVm(Parallels(size=SMALL), say=said.append)
    yield machine
    machine.close()
