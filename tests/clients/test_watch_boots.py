"""Log-only runs on real machines, with the expectations of the guide."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest

from pyrallax import ROOT

pytestmark = pytest.mark.host


@pytest.fixture
def watch(tmp_path):
    """watch(text, *words): run the command on this file; (status, stdout, stderr)."""

    def run(text: str, *words: str) -> tuple[int, str, str]:
        (tmp_path / "boots.toml").write_text(text)
        argv = [sys.executable, "-m", "pyrallax", "watch", "--expect", "boots.toml", *words]
        env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT / "host")}
        done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, env=env)
        return done.returncode, done.stdout, done.stderr

    return run


def _of_the_page() -> str:
    page = (ROOT / "docs/watch-a-boot.md").read_text()
    return re.search(r"^```toml\n(.*?)^```", page, re.M | re.S)[1]


@pytest.mark.parametrize("machine", ["direct", "uefi"])
def test_the_file_of_the_page(watch, machine, tmp_path):
    status, out, err = watch(_of_the_page(), "--machine", machine, "--junit", "j.xml")
    assert status == 0, out + err
    assert "watch: boots to the prompt: 6 passed, 0 failed, 0 skipped\n" in out
    suite = ElementTree.parse(tmp_path / "j.xml").getroot()[0]
    assert [case.get("name") for case in suite.iter("testcase")][:2] == ["firmware", "prompt"]
    log = {p.get("name"): p.get("value") for p in suite.iter("property")}["serial log"]
    assert watch(_of_the_page(), "--log", log)[0] == 0
    status, out, _ = watch(_of_the_page().replace("512 MiB", "513 MiB"), "--log", log)
    assert status == 1 and "firmware: the log ends before" in out


def test_a_panic_ends_the_run_at_once_and_is_symbolized(watch, tmp_path):
    from pyrallax.image import disk

    root = tmp_path / "root"
    root.mkdir()
    (root / "main.py").write_text("import boot\nboot.crash('null')\n")
    words = ["--root", str(root), "--size", "80m", "--out", str(tmp_path / "disk.img")]
    assert disk.main(words) == 0
    drive = f"--qemu=if=none,id=d,format=raw,file={tmp_path / 'disk.img'}"
    ahci = ["--device", "ahci,id=a", "--device", "ide-hd,bus=a.0,drive=d", "--qemu=-drive", drive]
    text = "within = 40\n[[expect]]\ntext = 'never said'\n"
    status, out, err = watch(text, *ahci)
    assert status == 1 and "no panic: it said: === PYRALLAX PANIC 1 ===" in out
    assert "crash_call modules/boot/crash.c" in err and "=== END PANIC" in err
