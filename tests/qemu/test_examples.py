"""The examples of the documents, typed at the prompt of a direct machine or run on this one.

A ```python block with `>>>` is a session; in its output `...` stands for anything.  A page whose
sessions need another machine says so: <!-- examples: machine=uefi cpus=4 device=edu -->, options
of pyrallax.vm.qemu.Config.
"""

import doctest
import os
import re
import subprocess
import sys

import pytest

from pyrallax import ROOT

pytestmark = [pytest.mark.boot, pytest.mark.probe]

_BLOCK = re.compile(r"^```python\n(.*?)^```", re.M | re.S)
_OPTIONS = re.compile(r"^<!-- examples: (.*) -->$", re.M)
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


def type_in(repl, source):
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
    said = repl.read_until(b">>> ", 20).removesuffix(b">>> ")
    return said.decode().replace("\r\n", "\n")


def judge(repl, page):
    repl.exit_raw()
    repl.wait_prompt()
    repl.drain()
    checker = doctest.OutputChecker()
    for example in sessions(page):
        got = type_in(repl, example.source)
        assert checker.check_output(example.want, got, doctest.ELLIPSIS), (
            f"{page}\n>>> {example.source}says\n{got}and not\n{example.want}"
        )


@pytest.mark.parametrize("page", [p for p in _PAGES if sessions(p) and not options(p)])
def test_sessions(repl, page):
    judge(repl, page)


@pytest.mark.parametrize("page", [p for p in _PAGES if sessions(p) and options(p)])
def test_sessions_of_another_machine(vm_factory, page, tmp_path):
    wanted = options(page)
    if "disk" in wanted:  # MiB of an empty disk at a SATA controller
        image = tmp_path / "disk.img"
        image.touch()
        os.truncate(image, wanted.pop("disk") << 20)
        wanted["device"] = ["ich9-ahci,id=ahci", "ide-hd,drive=disk,bus=ahci.0"]
        wanted["extra"] = ["-drive", f"if=none,id=disk,format=raw,file={image}"]
    judge(vm_factory(**wanted).repl(), page)


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


def python_of(page, word):
    """The ```python block of a page that has this word, and the block behind it."""
    text = (ROOT / page).read_text()
    (found,) = [m for m in _BLOCK.finditer(text) if word in m[1]]
    behind = re.match(r".*?^```\n(.*?)^```", text[found.end() :], re.M | re.S)
    return found[1], behind[1] if behind else ""


@pytest.mark.parametrize("page", ["docs/reference/host.md", "docs/update-over-serial.md"])
def test_program_of_a_page(page):
    code, prints = python_of(page, "with Vm(")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, text=True, capture_output=True)
    assert (done.stdout, done.returncode) == (prints, 0), done.stderr


def test_test_of_the_page_on_testing(tmp_path):
    code, _ = python_of("docs/testing.md", "def test_")
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
