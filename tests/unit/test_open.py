"""Machines by the name of their kind, and the options that choose one."""

import argparse
from pathlib import Path

import pytest

from pyrallax import machine_options
from pyrallax.vm.config import PARALLELS, Config, Unfit
from pyrallax.vm.open import KINDS, machine

pytestmark = pytest.mark.host


def test_every_kind_makes_its_machine():
    made = {
        kind: type(machine(kind, where="tty" if kind in ("serial", "pty") else None)).__name__
        for kind in KINDS
    }
    assert made == {
        "direct": "Vm",
        "uefi": "Vm",
        "twin": "Vm",
        "parallels": "ParallelsVm",
        "serial": "Attached",
        "pty": "Attached",
    }
    assert machine("qemu").config.machine == "direct"


def test_options_are_the_fields_of_the_configuration():
    twin = machine("twin", "t", cpus=3, display="ramfb").config
    assert (twin.machine, twin.cpus, twin.display) == ("uefi", 3, "ramfb")
    assert {name: getattr(twin, name) for name in PARALLELS} == PARALLELS
    assert machine("parallels", "p", video=64).config.video == 64
    assert machine("uefi", esp="/a/b").config.esp == Path("/a/b")  # as a file has it
    assert machine("parallels", "p", root="c").config.root == Path("c")
    ready = Config(machine="uefi")
    assert machine("uefi", config=ready).config is ready


@pytest.mark.parametrize(
    "kind, options, reason",
    [
        ("qmeu", {}, "no machine 'qmeu': there are direct, uefi"),
        ("direct", {"video": 1}, "direct has no video"),
        ("parallels", {"gic": 3}, "parallels has no gic"),
        ("direct", {"where": "/dev/x"}, "a line"),
        ("serial", {}, "needs the path or URL"),
        ("serial", {"where": "x", "cpus": 2}, "runs already"),
        ("pty", {"where": "socket://h:1"}, "machine serial takes"),
    ],
)
def test_what_does_not_fit(kind, options, reason):
    with pytest.raises(Unfit, match=reason):
        machine(kind, **options)


def _parsed(*words: str, default: str = "direct") -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    machine_options.add_to(parser, default)
    return parser.parse_args(words)


def test_only_what_was_asked_for_is_passed_on():
    a = _parsed("--gic", "3", "--device", "edu", "--qemu=-S")
    assert machine_options.given(a) == {"gic": 3, "device": ["edu"], "qemu": ["-S"]}
    config = machine_options.of(a, "x").config
    assert (config.gic, config.device, config.extra, config.memory) == (3, ["edu"], ["-S"], 512)
    assert machine_options.of(_parsed("--machine", "parallels"), "x").config.memory == 2048


def test_a_line_alone_is_a_machine_that_runs():
    a = _parsed("--serial", "/dev/ttyS9", default="uefi")
    assert machine_options.kind(a) == "serial"
    assert machine_options.of(a, "x").where == "/dev/ttyS9"


@pytest.mark.parametrize(
    "words, reason",
    [
        (["--machine", "parallels", "--gic", "3"], "--gic is only for a QEMU machine"),
        (["--keep"], "--keep is only for --machine parallels"),
        (["--machine-type", "virt-6.1", "--serial", "x"], "--machine-type is only for"),
        (["--cpus", "2", "--serial", "x"], "--cpus is only for a machine that is started"),
        (["--machine", "uefi", "--serial", "x"], "--serial is only for --machine serial or pty"),
        (["--machine", "serial"], "needs the path or URL"),
    ],
)
def test_options_of_another_kind(words, reason):
    with pytest.raises(Unfit, match=reason):
        machine_options.of(_parsed(*words), "x")


def test_defaults_are_those_of_the_configurations():
    a = _parsed()
    from pyrallax.vm.prl.make import Parallels

    for name in ("cpus", "gic", "cpu", "machine_type", "msi", "append", "display", "device"):
        assert getattr(a, name) == getattr(Config(), name), name
    for name in ("cpus", "video", "network", "root", "size", "cmdline", "line", "keep"):
        assert getattr(a, name) == getattr(Parallels(), name), name


def test_a_comma_in_a_path_is_doubled(tmp_path, monkeypatch):
    from pyrallax.vm import config as module

    folder = tmp_path / "a,b"
    folder.mkdir()
    for name in ("AAVMF_CODE.fd", "AAVMF_VARS.fd", "esp.img"):
        (folder / name).touch()
    monkeypatch.setattr(module, "EDK2", str(folder))
    for esp in (folder / "esp.img", folder):
        argv = Config(machine="uefi", esp=esp).arguments()
        paths = [word for word in argv if "file=" in word or "dir=" in word]
        assert len(paths) == 3 and all("a,,b" in word for word in paths)
        assert not any("a,b" in word for word in paths)
