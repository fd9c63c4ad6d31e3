"""What a user reads when something does not work: a reason, what to do, no stack trace of ours."""

import argparse
import contextlib
import errno
import fcntl
import functools
import io
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import tty
import types

import pytest
from fake_target import FakeTarget, Manners

from pyrallax import ROOT, buildid, machine_options, prompt, run, symbolize
from pyrallax.__main__ import main
from pyrallax.failure import Parser
from pyrallax.vm import config as vm_config
from pyrallax.vm import machine as vm_machine
from pyrallax.vm.open import machine

pytestmark = pytest.mark.host


@pytest.fixture(autouse=True)
def here(monkeypatch, tmp_path):
    """A folder of our own, an image that does nothing, no handlers of signals, little patience."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)
    monkeypatch.setattr(run, "prompt", functools.partial(prompt.prompt, timeout=1))
    monkeypatch.setattr(vm_machine, "ARTIFACTS", tmp_path)
    monkeypatch.delenv("PYRALLAX_DEBUG", raising=False)
    (tmp_path / "nothing.bin").write_bytes(bytes(64))

    def with_nothing(kind, name, **options):
        if kind == "direct":
            options["firmware"] = tmp_path / "nothing.bin"
        return machine(kind, name, **options)

    monkeypatch.setattr(machine_options, "machine", with_nothing)


@pytest.fixture
def line():
    """line(said, **manners): the path of a PTY that says this, or has a fake target behind it."""
    ends = []

    def make(said: bytes = b"", **manners) -> str:
        master, slave = os.openpty()
        tty.setraw(slave)
        ends.append(slave)
        if said or not manners:
            os.write(master, said)
            ends.append(master)
            return os.ttyname(slave)
        target = socket.socket(fileno=FakeTarget(Manners(**manners)).fd)

        def carry(read, write) -> None:
            try:
                while data := read(4096):
                    write(data)
            except OSError:
                pass

        for ways in (
            (target.recv, lambda data: os.write(master, data)),
            (lambda n: os.read(master, n), target.sendall),
        ):
            threading.Thread(target=carry, args=ways, daemon=True).start()
        return os.ttyname(slave)

    yield make
    for fd in ends:
        os.close(fd)


def _said(capfd, status: int, words: list[str], lines: int = 1) -> str:
    """Run a command that has to fail so; what it said."""
    try:
        got = main(words)
    except SystemExit as end:
        got = end.code
    out, err = capfd.readouterr()
    assert "Traceback" not in err and 'File "' not in err
    assert (got, len(err.splitlines())) == (status, lines), err
    assert out == "" and err.startswith("pyrallax")
    return err


def test_no_qemu(capfd, monkeypatch):
    monkeypatch.setattr(vm_config, "QEMU", "qemu-system-none")
    said = _said(capfd, 1, ["run", "--exec", "1"])
    assert "qemu-system-none is not installed: run `make setup`" in said


@pytest.mark.parametrize(
    "arguments, reason",
    [
        ("--qemu=-gdb --qemu=tcp:127.0.0.1:{port}", "that port is taken: choose another"),
        ("--device no-such", "-device help`"),
        ("--cpu no-such", "-cpu help`"),
        ("--machine-type no-such", "-M help`"),
        ("--qemu=-drive --qemu=if=none,file=nowhere", "No such file"),
    ],
)
def test_qemu_refuses(capfd, arguments, reason):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        words = arguments.format(port=taken.getsockname()[1]).split()
        said = _said(capfd, 1, ["run", *words, "--exec", "1"])
    assert "QEMU ended with status 1" in said and reason in said


def test_line_taken(capfd, line):
    path = line()
    with open(path, "rb", buffering=0) as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert f"{path} is taken: another program" in _said(
            capfd, 1, ["run", "--serial", path, "--exec", "1"]
        )


@pytest.mark.parametrize(
    "where, reason",
    [("no/such", "No such file or directory"), ("rfc2217://127.0.0.1:1", "Connection refused")],
)
def test_no_line(capfd, where, reason):
    said = _said(capfd, 1, ["run", "--serial", where, "--exec", "1"])
    assert f"{reason}: is the machine on" in said


def test_disk_full(capfd, line, tmp_path):
    (tmp_path / "run.serial.log").symlink_to("/dev/full")
    said = _said(capfd, 1, ["run", "--serial", line(window=128), "--exec", "1"])
    assert "the disk is full: free some space" in said


def _image(path, build: str) -> None:
    path.write_bytes(b"\x7fELF" + bytes(99) + buildid._NOTE + bytes.fromhex(build) + bytes(9))


def test_image_too_old(capfd, monkeypatch, tmp_path):
    monkeypatch.setattr(run, "BUILD", tmp_path)
    _image(tmp_path / "firmware.elf", "12" * 20)
    _image(tmp_path / "esp.img", "34" * 20)
    said = _said(capfd, 1, ["run", "--machine", "uefi", "--exec", "1"])
    assert "esp.img is too old: it holds build 34343434, firmware.elf is 12121212" in said
    assert "run `inv build`" in said
    _image(tmp_path / "esp.img", "12" * 20)
    buildid.check_image(tmp_path / "esp.img")


def test_machine_runs_another_build(capfd, monkeypatch, line):
    boot = types.SimpleNamespace(build_id=lambda: "56" * 20)
    monkeypatch.setitem(sys.modules, "boot", boot)
    monkeypatch.setattr(prompt, "other_build", lambda said: f"another: {said[:8]}")
    assert main(["run", "--serial", line(window=128), "--exec", "print(1)"]) == 0
    assert capfd.readouterr() == ("1\n", "pyrallax: another: 56565656\n")


def test_line_about_another_build(tmp_path):
    _image(tmp_path / "x.elf", "12" * 20)
    banner = b"Pyrallax 1.0 (build %s) on QEMU, 1 CPU, 512 MiB, up in 9 ms\r\n"
    assert buildid.other_build(banner % b"12121212", tmp_path / "x.elf") == ""
    said = buildid.other_build(banner % b"34343434", tmp_path / "x.elf")
    assert "runs build 34343434, x.elf is 12121212" in said and "ramboot" in said
    assert buildid.other_build(b"hello", tmp_path / "x.elf") == ""
    assert buildid.other_build("34" * 20, tmp_path / "none.elf") == ""


def test_the_quick_build_is_one_of_ours(tmp_path, monkeypatch):
    """What `inv ramboot` loaded is no other build, and its panics are read by its own ELF."""
    monkeypatch.setattr(buildid, "ELF", tmp_path / "x.elf")
    monkeypatch.setattr(buildid, "QUICK", tmp_path / "quick.elf")
    _image(tmp_path / "x.elf", "12" * 20)
    assert buildid.elf_of("34" * 20) == buildid.elf_of("") == tmp_path / "x.elf"
    _image(tmp_path / "quick.elf", "34" * 20)
    assert buildid.other_build("34" * 20) == buildid.other_build("12" * 20) == ""
    assert "x.elf is 12121212" in buildid.other_build("56" * 20)
    block = "=== PYRALLAX PANIC 1 ===\r\nbuild %s\r\n=== END PANIC ===" % ("34" * 20)
    assert "may be wrong" not in symbolize.report(block)
    assert "x.elf is build 12121212" in symbolize.report(block.replace("34" * 20, "56" * 20))


def test_prompt_never_came(capfd, line):
    path = line(b"[shim] start version=1\r\n[shim] error step=acpi reason=none\r\nlast words\r\n")
    said = _said(capfd, 1, ["run", "--serial", path, "--exec", "1"], lines=4)
    assert "the boot failed: [shim] error step=acpi" in said and "run.serial.log" in said
    assert said.endswith("reason=none\n  last words\n")


def test_not_one_byte(capfd, line):
    assert "not one byte: is the machine on" in _said(
        capfd, 1, ["run", "--serial", line(), "--exec", "1"]
    )


@pytest.mark.parametrize(
    "words, reason",
    [
        ("run --machne uefi", "pyrallax run: unknown: --machne, did you mean --machine?"),
        ("run --cpus many", "--cpus: 'many': a whole number from 1 on is wanted: see `pyra"),
        ("run --cpus 0", "--cpus: '0': a whole number from 1 on is wanted"),
        ("run --memory -5", "--memory: '-5': a whole number from 1 on is wanted"),
        ("run --video -1", "--video: '-1': a whole number from 0 on is wanted"),
        ("run --timeout -1", "--timeout: '-1': a number from 0 on is wanted"),
        ("run --timeout nan", "--timeout: 'nan': a number from 0 on is wanted"),
        ("run --timeout inf", "--timeout: 'inf': a number from 0 on is wanted"),
        ("watch --expect x --slower inf", "--slower: 'inf': a number above 0 is wanted"),
        ("trace show none.json", "pyrallax: none.json: No such file"),
        ("trace diff a b --context -1", "--context: '-1': a whole number from 0 on is wanted"),
        ("run --machine vax", "invalid choice: 'vax'"),
        ("flash x --serial y", "required: --partition"),
        ("nothing", "invalid choice: 'nothing'"),
        ("", "required: COMMAND"),
    ],
)
def test_wrong_arguments(capfd, words, reason):
    assert reason in _said(capfd, 2, words.split())


@pytest.mark.parametrize(
    "words, reason",
    [
        ("symbolize none.log", "none.log: No such file"),
        ("symbolize .", "Is a directory"),
        ("hwreport none.json", "none.json"),
        ("hwreport nothing.bin", "not JSON"),
        ("flash none.img --partition esp --serial x", "none.img: No such file"),
        ("ramboot none.elf --serial x", "none.elf: No such file"),
        ("readback out --partition esp --serial none", "none: No such file"),
    ],
)
def test_what_is_named_is_not_there(capfd, words, reason):
    assert reason in _said(capfd, 1, words.split())


def _defect(log):
    raise ZeroDivisionError("a defect\nof ours")


def test_defect_of_ours(capfd, monkeypatch):
    monkeypatch.setattr(symbolize, "blocks", _defect)
    said = _said(capfd, 70, ["symbolize", "nothing.bin"])
    assert "a defect of ours (ZeroDivisionError: a defect)" in said
    assert "PYRALLAX_DEBUG=1" in said


@pytest.mark.parametrize(
    "words", ["--debug symbolize nothing.bin", "symbolize nothing.bin --debug"]
)
def test_debug_shows_the_stack_trace(capfd, monkeypatch, words):
    monkeypatch.setattr(symbolize, "blocks", _defect)
    assert main(words.split()) == 70
    assert "in _defect\n" in capfd.readouterr().err


def test_the_environment_shows_the_stack_trace(capfd, monkeypatch):
    monkeypatch.setenv("PYRALLAX_DEBUG", "1")
    assert main(["symbolize", "none.log"]) == 1
    assert "Traceback" in capfd.readouterr().err


@pytest.mark.parametrize(
    "words, reason",
    [
        ("pyrallax.image.elfsum none", "elfsum: none"),
        ("pyrallax.image.size none", "size: "),
        ("pyrallax.image.size", "usage"),
        ("pyrallax.image.esp no/such/esp a=none", "esp: "),
        ("pyrallax.image.disk --root none --size 64m --out x", "disk: "),
        ("pyrallax.image.pciids x none", "none: No such file"),
        ("pyrallax.bench.profile --lines x", "invalid int value"),
        ("invoke -r {root} image --root none --out x", "disk: "),
        ("invoke -r {root} test --suite none", "no such suite"),
        ("invoke -r {root} lint --nothing", "nothing"),
        ("invoke -r {root} hwreport --args \\'", "--args: No closing quotation: write quotes"),
        ("invoke -r {root} run", "make: no MicroPython in /none: run `make setup`"),
    ],
)
def test_other_programs(words, reason):
    argv = [sys.executable, "-m", *shlex.split(words.format(root=ROOT))]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "host")}
    if words.endswith(" run"):
        env["MICROPYTHON_DIR"] = "/none"  # a build that fails
    done = subprocess.run(argv, capture_output=True, text=True, env=env)
    said = done.stdout + done.stderr
    assert done.returncode and reason in said
    assert "Traceback" not in said and "Encountered" not in said


@pytest.mark.parametrize(
    "failure, words, reason",
    [
        ({"licence": "EXPIRED"}, "--exec 1", "licence is EXPIRED: open it and sign in"),
        ({}, "--name mine --exec 1", "a machine named mine already: choose another --name"),
        ({}, "--gic 3", "--gic is only for a QEMU machine: leave it out"),
    ],
)
def test_parallels(prl, capfd, failure, words, reason):
    prl.prlctl("create", "mine", "--ostype", "linux", "--distribution", "linux", "--no-hdd")
    prl.inject(**failure)
    assert reason in _said(capfd, 1, ["run", "--machine", "parallels", *words.split()])


@pytest.mark.parametrize("number", [0, 1, 2])
def test_started_without_a_stream(line, number):
    """As by `<&-`, `>&-`, `2>&-`, and by some services."""
    code = "import sys; from pyrallax.__main__ import main; sys.exit(main())"
    words = ["run", "--serial", line(window=128), "--exec", "print(1); 1/0"]
    argv = [sys.executable, "-c", code, *words]
    closing = ["sh", "-c", f'exec "$@" {number}>&-', "sh", *argv]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "host")}
    done = subprocess.run(closing, capture_output=True, text=True, env=env)
    assert done.returncode == 1
    assert done.stdout == ("" if number == 1 else "1\n")
    assert ("ZeroDivisionError" in done.stderr) == (number != 2)
    assert "defect" not in done.stderr


def test_nohup_is_heeded():
    code = (
        "import signal; from pyrallax.__main__ import main\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "main(['symbolize', 'none'])\n"
        "print(signal.getsignal(signal.SIGHUP) == signal.SIG_IGN)\n"
        "print(callable(signal.getsignal(signal.SIGTERM)))"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT / "host")}
    argv = [sys.executable, "-c", code]
    done = subprocess.run(argv, capture_output=True, text=True, env=env)
    assert done.stdout.split() == ["True", "True"], done.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", [["--help"], ["symbolize", "panic"]])
def test_output_to_a_full_disk(tmp_path, words, unbuffered):
    """PYTHONUNBUFFERED hides what only the interpreter's last flush meets."""
    (tmp_path / "panic").write_text("=== PYRALLAX PANIC 1 ===\n=== END PANIC ===\n")
    with open("/dev/full", "wb") as full:
        argv = [sys.executable, "-m", "pyrallax", *words]
        env = {**os.environ, "PYTHONPATH": str(ROOT / "host"), "PYTHONUNBUFFERED": unbuffered}
        done = subprocess.run(argv, stdout=full, stderr=subprocess.PIPE, text=True, env=env)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert "the disk is full" in done.stderr


def test_help_to_an_output_that_fails(monkeypatch):
    """Python 3.11.7's argparse passes over the failure; Debian's 3.11.2 does not yet."""

    def passes_over(self, message, file=None):
        with contextlib.suppress(OSError):
            file.write(message)

    class Full(io.StringIO):
        def write(self, text):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(argparse.ArgumentParser, "_print_message", passes_over)
    monkeypatch.setattr(sys, "stdout", Full())
    parser = Parser("name")
    parser.add_subparsers().add_parser("command")
    for words in (["--help"], ["command", "--help"]):
        with pytest.raises(OSError, match="No space"):
            parser.parse_args(words)


def test_a_disk_of_the_host_that_is_full_is_the_hosts_fault():
    from pyrallax.vm.qemu import Vm

    vm = Vm()
    vm.process = types.SimpleNamespace(poll=lambda: None)
    vm._qmp = types.SimpleNamespace(cmd=lambda command: {"status": "io-error"}, close=lambda: None)
    assert "is the host's disk full?" in vm.evidence()
    vm.process = None
