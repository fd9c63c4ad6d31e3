"""Batch mode by the command line: a machine that runs /autorun.py, and the status it gives."""

import subprocess
import sys

import pytest

from pyrallax import ROOT
from pyrallax.image import disk
from pyrallax.vm.config import Config
from pyrallax.vm.qemu import Vm

pytestmark = pytest.mark.host

_TESTS = """\
import unittest
import helper

class TestAdd(unittest.TestCase):
    def test_bad(self):
        n = helper.add(3)
        assert n == 5
    def test_err(self):
        helper.fail()
    def test_ok(self):
        self.assertEqual(helper.add(1), 2)
    @unittest.skip("not here")
    def test_skip(self):
        pass

if __name__ == "__main__":
    unittest.main()
"""
_HELPER = """\
def add(n): return n + 1
def fail(): raise OSError(5)
"""
_RESULTS = """\
/autorun.py:7:TestAdd.test_bad:FAIL: assert n == 5
/autorun.py:9:TestAdd.test_err:FAIL: OSError: [Errno 5] EIO
/autorun.py:10:TestAdd.test_ok:PASS
/autorun.py:13:TestAdd.test_skip:IGNORE: not here
-----------------------
4 Tests 2 Failures 1 Ignored
FAIL
PROJECT EXECUTION FAILED
=== PYRALLAX EXIT 1 ===
"""


def _batch(path, *words, timeout=60):
    argv = [sys.executable, "-m", "pyrallax", "run", "--batch", str(path), *words]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=timeout)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("batch")
    (made / "autorun.py").write_text(_TESTS)
    (made / "helper.py").write_text(_HELPER)
    for name in ("batch", "unity", "run"):  # a user's own modules are in nobody's way
        (made / f"{name}.py").write_text("raise RuntimeError('never imported')\n")
    return made


def _results(text):
    """Lines without the tracebacks, from the first of batch mode on."""
    lines = text[text.index("=== PYRALLAX BATCH") :].splitlines()[1:]
    quiet = [x for x in lines if not x.startswith(("Traceback", "  File", "OSError", "Assert"))]
    return "".join(line + "\n" for line in quiet)


@pytest.mark.parametrize("machine", ["direct", "uefi"])
def test_a_folder_of_tests(folder, machine):
    done = _batch(folder, "--machine", machine)
    assert (done.returncode, done.stderr) == (1, "")
    assert "=== PYRALLAX BATCH 1 /autorun.py ===\n" in done.stdout
    assert _results(done.stdout) == _RESULTS
    assert '  File "/autorun.py", line 7, in test_bad\nAssertionError: \n' in done.stdout
    assert 'File "helper.py", line 2, in fail\n' in done.stdout
    assert "targettest" not in done.stdout


def test_on_parallels(folder, prl, monkeypatch):
    monkeypatch.setenv("FAKE_PRL_GUEST", "qemu")
    done = _batch(folder, "--machine", "parallels", "--memory", "512")
    assert done.returncode == 1, done.stderr
    assert _results(done.stdout) == _RESULTS
    assert prl.vms() == {}


@pytest.mark.parametrize(
    ("source", "status", "said"),
    [
        ("import boot\nprint('word' in boot.cmdline())", 0, "True\nPROJECT EXECUTION SUCCESSFUL"),
        ("import sys\nprint('x', end='')\nsys.exit(7)", 7, "PROJECT EXECUTION FAILED"),
        ("open('/kept', 'w').write('x')\nimport os\nassert os.stat('/kept')[6] == 1", 0, ""),
        ("def f():\n {}[1]\nf()", 1, 'File "/autorun.py", line 2, in f\nKeyError: 1\n'),
    ],
)
def test_a_script(tmp_path, source, status, said):
    script = tmp_path / "any_name.py"
    script.write_text(source)
    done = _batch(script, "--append", "word")
    assert (done.returncode, done.stderr) == (status, ""), done.stdout
    assert said in done.stdout
    assert done.stdout.endswith(f"=== PYRALLAX EXIT {status} ===\n")


def test_file_on_the_efi_system_partition(tmp_path):
    """Started by hand, as another program would: the options, and the line to read."""
    script = tmp_path / "a.py"
    script.write_text("print('from', __file__)\nraise SystemExit(5)")
    (tmp_path / "root").mkdir()
    image = tmp_path / "disk.img"
    files = disk.esp_files(None, tmp_path) | {"autorun.py": script}
    disk.build(image, tmp_path / "root", 96 << 20, files)
    drive = f"if=none,id=d,format=raw,snapshot=on,file={image}"
    config = Config(append="batch", device=["ahci,id=a", "ide-hd,drive=d,bus=a.0"])
    config.extra += ["-drive", drive]
    with Vm(config, name="batch-esp") as vm:
        said = vm.wait_for(b"=== PYRALLAX EXIT 5 ===\r\n", 30).decode()
        assert vm.wait(10) == 0
    assert "=== PYRALLAX BATCH 1 /esp/autorun.py ===\r\nfrom /esp/autorun.py\r\n" in said
    assert "PROJECT EXECUTION FAILED\r\n" in said


def test_panic(tmp_path):
    script = tmp_path / "crash.py"
    script.write_text("import boot\nboot.crash('null')")
    done = _batch(script)
    assert done.returncode == 134
    assert "=== PYRALLAX PANIC 1 ===" in done.stdout
    assert "crash_call modules/boot/crash.c:" in done.stderr
    assert "pyrallax: the firmware panicked (serial log: " in done.stderr


def test_time_limit(tmp_path):
    script = tmp_path / "hang.py"
    script.write_text("while True: pass")
    done = _batch(script, "--timeout", "1.5")
    assert done.returncode == 124
    assert "pyrallax: not done after 1.5 s" in done.stderr


def test_switched_off_on_the_way(tmp_path):
    script = tmp_path / "off.py"
    script.write_text("import machine\nmachine.poweroff()")
    done = _batch(script)
    assert done.returncode == 1
    assert "pyrallax: the machine gave no status: QEMU ended with status 0" in done.stderr


def test_refusal():
    done = _batch("/no/such/file.py")
    assert done.returncode == 1
    assert done.stderr.startswith("pyrallax: there is no /no/such/file.py: give --batch a script")
