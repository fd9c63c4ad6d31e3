"""The examples of the documents, typed at the prompt of a direct machine or run on this one.

A ```python block with `>>>` is a session; in its output `...` stands for anything.  A page whose
sessions need another machine says so: <!-- examples: machine=uefi cpus=4 device=edu -->, options
of pyrallax.vm.qemu.Config.  What a line's comment has the reader do is done: `# type hi, Enter`,
`# move to the middle`.
"""

import doctest
import os
import re
import socket
import subprocess
import sys
import threading

import pytest

from pyrallax import ROOT

pytestmark = [pytest.mark.boot, pytest.mark.probe]

_BLOCK = re.compile(r"^```python\n(.*?)^```", re.M | re.S)
_OPTIONS = re.compile(r"^<!-- examples: (.*) -->$", re.M)
_TYPE = re.compile(r"# type (\w+)(, Enter)?$", re.M)
_KILL_LINE = b"\x15"  # what the prompt indented by itself
_PAGES = ["README.md", *sorted(str(p.relative_to(ROOT)) for p in (ROOT / "docs").rglob("*.md"))]


def sessions(page):
    """The examples of a page, in one list: they share their names."""
    blocks = [b for b in _BLOCK.findall((ROOT / page).read_text()) if b.startswith(">>> ")]
    return [e for b in blocks for e in doctest.DocTestParser().get_examples(b)]


def options(page):
    """The machine that the sessions of a page want; {} for the usual one."""
    found = _OPTIONS.search((ROOT / page).read_text())
    wanted = {}
    for word in found[1].split() if found else ():
        key, _, value = word.partition("=")
        if key == "device":
            wanted.setdefault(key, []).append(value)
        else:
            wanted[key] = int(value) if value.isdigit() else value
    return wanted


def do(vm, source):
    """What the comments of a statement say."""
    for text, enter in _TYPE.findall(source):
        vm.keyboard.type(text + ("\n" if enter else ""))
    if "# move to the middle" in source:
        middle = [{"type": "abs", "data": {"axis": axis, "value": 1 << 14}} for axis in "xy"]
        vm.qmp("input-send-event", events=middle)


def type_in(repl, source, vm=None):
    """Type a statement as a user would; what the machine answered before its next prompt."""
    lines = source.rstrip("\n").split("\n")
    if lines[-1].startswith(" "):
        lines.append("")  # ends a compound statement
    for line in lines[:-1]:
        repl.wire.write(_KILL_LINE + line.encode() + b"\r")
        repl.read_until(b"\n... ", 5)
        repl.drain(0.01)
    repl.wire.write(_KILL_LINE + lines[-1].encode() + b"\r")
    repl.read_until(b"\n", 5)
    do(vm, source)
    said = repl.read_until(b">>> ", 20).removesuffix(b">>> ")
    return said.decode().replace("\r\n", "\n")


def judge(repl, page, vm=None):
    repl.exit_raw()
    repl.wait_prompt()
    repl.drain()
    checker = doctest.OutputChecker()
    for example in sessions(page):
        got = type_in(repl, example.source, vm)
        assert checker.check_output(example.want, got, doctest.ELLIPSIS), (
            f"{page}\n>>> {example.source}says\n{got}and not\n{example.want}"
        )


@pytest.mark.parametrize("page", [p for p in _PAGES if sessions(p) and not options(p)])
def test_sessions(repl, page):
    judge(repl, page)


def answer(line):
    """The modem at the other end of a serial line."""
    with line.accept()[0] as end:
        while end.recv(100):
            end.sendall(b"OK\r\n")


@pytest.mark.parametrize("page", [p for p in _PAGES if sessions(p) and options(p)])
def test_sessions_of_another_machine(vm_factory, page, tmp_path):
    wanted = options(page)
    device, extra = wanted.setdefault("device", []), wanted.setdefault("extra", [])
    image, path = tmp_path / "disk.img", str(tmp_path / "line")
    for disk in ("disk", "stick"):  # MiB of an empty one, at a SATA controller or by USB
        if disk in wanted:
            image.touch()
            os.truncate(image, wanted.pop(disk) << 20)
            sata = ["ich9-ahci,id=ahci", "ide-hd,drive=disk,bus=ahci.0"]
            device += sata if disk == "disk" else ["usb-storage,drive=disk,bus=x.0"]
            extra += ["-drive", f"if=none,id=disk,format=raw,file={image}"]
    with socket.socket(socket.AF_UNIX) as line:
        if wanted.pop("modem", 0):  # at a serial line by USB
            line.bind(path)
            line.listen()
            threading.Thread(target=answer, args=(line,), daemon=True).start()
            device.append("usb-serial,chardev=line,bus=x.0")
            extra += ["-chardev", f"socket,id=line,path={path}"]
        vm = vm_factory(**wanted)
        judge(vm.repl(), page, vm)


@pytest.mark.parametrize(
    "module", ["machine", "boot", "klog", "dma", "irq", "rawmem", "mmu", "smp"]
)
def test_every_name_is_documented(repl, module):
    page = (ROOT / "docs" / "reference" / f"{module}.md").read_text()
    names = repl.eval(f"[n for n in dir(__import__('{module}')) if n[0] != '_']")
    assert [n for n in names if not re.search(rf"`{module}\.{n}\b", page)] == []


def test_kernel_log_keeps_to_its_grammar(repl):
    repl.exec("import klog; klog.log(klog.INFO, 'a\\tb' * 100)")
    lines = repl.eval("klog.read()[0]").decode().splitlines()
    assert all(re.fullmatch(r"<[3467]>\[[ \d]{5}\.\d{6}\] .*", line) for line in lines)
    assert len(lines[-1]) == 240 and "\t" not in lines[-1]
    text = (ROOT / "docs/log-format.md").read_text()
    promised = re.findall(r"^\| `((?:gic|pyrallax|image|uart): [^`]*)`", text, re.M)
    assert len(promised) == 4
    for line, form in zip(lines, promised, strict=False):
        pattern = re.sub(r"0x[AN]\b|\b[A-Z]+\b", "REST", re.escape(form)).replace("REST", ".+")
        assert re.fullmatch(pattern, line.partition("] ")[2]), (line, form)


def blocks(page, word):
    """The ```python blocks of a page that have this word."""
    return [m for m in _BLOCK.finditer((ROOT / page).read_text()) if word in m[1]]


def python_of(page, word):
    """The only such block, and the block behind it."""
    text = (ROOT / page).read_text()
    (found,) = blocks(page, word)
    behind = re.match(r".*?^```\n(.*?)^```", text[found.end() :], re.M | re.S)
    return found[1], behind[1] if behind else ""


@pytest.mark.parametrize("page", ["docs/reference/host.md", "docs/update-over-serial.md"])
def test_program_of_a_page(page):
    code, prints = python_of(page, "with Vm(")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, text=True, capture_output=True)
    assert (done.stdout, done.returncode) == (prints, 0), done.stderr


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(m[1], id=re.search(r"def (test_\w+)", m[1])[1])
        for m in blocks("docs/testing.md", "def test_")
    ],
)
def test_tests_of_the_page_on_testing(tmp_path, code):
    path = tmp_path / "test_example.py"
    path.write_text(code)
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--noconftest"]
    argv += [str(path), "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT)]
    argv += ["-p", "conftest"]  # the fixtures of tests/, as a plugin
    done = subprocess.run(
        argv,
        cwd=ROOT,
        text=True,
        capture_output=True,
        env=dict(
            os.environ, PYTHONPATH=os.pathsep.join(map(str, [ROOT / "tests", ROOT / "host"]))
        ),
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr
