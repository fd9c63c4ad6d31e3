"""Stubs: as made from the source, in step with the C, installable, and of use to a checker."""

import ast
import json
import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest

from pyrallax import ROOT, __main__
from pyrallax.stubs import FOLDER, generate
from pyrallax.stubs.infer import Scope, falls_through
from pyrallax.stubs.shape import load
from pyrallax.stubs.source import Module
from pyrallax.stubs.types import Drift, shape
from pyrallax.stubs.types import load as load_types

pytestmark = pytest.mark.host
SCRIPTS = ROOT / "tests" / "data" / "stubs"


# ---- made from the source


def test_stubs_are_as_made_from_the_source() -> None:
    changed = generate.differing(generate.generate())
    assert not changed, "run `inv stubs`"


def _module(text: str) -> Module:
    module = Module("m", Path("m.py"), ast.parse(text))
    for node in module.tree.body:
        if isinstance(node, ast.FunctionDef):
            module.functions[node.name] = node
        elif isinstance(node, ast.ClassDef):
            module.classes[node.name] = node
    return module


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("pass", "None"),
        ("return 1", "int"),
        ("return x", None),
        ("return y", "int"),
        ("y = x\n return y", None),
        ("if x:\n  return 1", "int | None"),
        ("if x:\n  return 1\n raise ValueError", "int"),
        ("while True:\n  if x: return ''", "str"),
        ("try:\n  return C()\n except OSError:\n  return None", "C | None"),
        ("return '%d' % x", "str"),
        ("return x + 1", None),
        ("return [C() for i in x]", "list[C]"),
        ("return x == 1, 2", "tuple[bool, int]"),
        ("yield 1", "Iterator[Incomplete]"),
        ("def g(): return 1", "None"),
        ("z = 1\n return z << 3", "int"),
        ("z = 1\n z = x\n return z", None),
        ("return f(x)", None),
    ],
)
def test_what_a_function_returns(body: str, kind: str | None) -> None:
    module = _module(f"class C: pass\ndef f(x, y=0):\n {body}\n")
    assert Scope(module, {}, {}).returned(module.functions["f"]) == kind


def test_the_end_of_a_function_is_reached_or_not() -> None:
    ends = {
        "with x:\n return": False,
        "while True:\n break": True,
        "while x:\n return": True,
        "try:\n return\nfinally:\n pass": False,
        "try:\n pass\nexcept OSError:\n raise": True,
    }
    for text, reached in ends.items():
        assert falls_through(ast.parse(text).body) is reached, text


@pytest.mark.parametrize(
    ("types", "says"),
    [
        ("def f(x: int) -> int: ...", r"f\(x\) is \(x, y=\) in the source"),
        ("def f(x: int, y: int) -> int: ...", r"f\(x, y\) is \(x, y=\)"),
        ("def g() -> None: ...", "no function g: take it out"),
        ("z: int", "no z: take it out"),
        ("class D: ...", "no class D: take it out"),
        ("class C:\n def g(self) -> int: ...", "C: the source has no function g"),
        ("if x: pass", "only imports"),
    ],
)
def test_types_kept_by_hand_must_fit_the_source(tmp_path: Path, types: str, says: str) -> None:
    module = _module("class C: pass\ndef f(x, y=0): pass\n")
    module.path = ROOT / "m.py"
    (tmp_path / "m.pyi").write_text(types)
    with pytest.raises(Drift, match=says):
        load_types(tmp_path / "m.pyi", module)


# ---- keywords of functions in C, which the firmware cannot be asked for

_DEFINED = re.compile(r"FUN_OBJ_KW\(\s*(\w+),\s*(\d+),\s*(\w+)\)")
_TABLE = re.compile(r"mp_arg_t \w+\[\] = \{(.*?)\n    \};", re.S)
_ROW = re.compile(r"\{MP_QSTR_(\w+), ([^{]*)\{")
_CHECK = re.compile(r"mp_arg_check_num\(n_args, n_kw, (\d+), (\d+), false\)")
# Functions by their names in C, which say little: where a stub has each.
_WHERE = {
    "irq_request": "irq.request",
    "irq_msi": "irq.msi",
    "vectors_request": "irq.Vectors.request",
    "regs_window": "mmio.Regs.window",
    "regs_make_new": "mmio.Regs.__init__",
    "mod_map": "mmu.map",
    "mod_protect": "mmu.protect",
    "flush": "mmu.flush",
    "space_map": "mmu.Space.map",
    "space_protect": "mmu.Space.protect",
    "timer_init_": "machine.Timer.init",
    "mp_machine_uart_init_helper": "machine.UART.init",
    **{
        f"rawmem_{name}": f"rawmem.{name}"
        for name in (
            "read",
            "readinto",
            "write",
            "fill",
            "copy",
            "compare",
            "find",
            "crc32",
            "memtest",
        )
    },
}


def _bodies() -> dict[str, str]:
    """Functions in C by name; a name in two modules is not one that this test asks for."""
    found = {}
    for folder in ("modules", "ports"):
        for path in sorted((ROOT / folder).rglob("*.c")):
            text = path.read_text()
            for match in re.finditer(
                r"^\w[\w ]*[ *](\w+)\([^;{]*\) \{\n(.*?)^\}", text, re.S | re.M
            ):
                found.setdefault(match[1], match[2])
    return found


def _keywords(bodies: dict[str, str], name: str) -> list[str]:
    """Arguments by the table that the function, or one that it calls, has."""
    waiting = [name]
    while waiting:
        body = bodies.get(waiting.pop(0), "")
        table = _TABLE.search(body)
        if table:
            rows = []
            for argument, flags in _ROW.findall(table[1]):
                only = "*, " if "KW_ONLY" in flags else ""
                rows.append(only + argument + ("" if "REQUIRED" in flags else "="))
            return rows
        waiting += re.findall(r"\b(\w+)\(", body)
    raise AssertionError(f"no table of arguments: {name}")


def _in_stub(where: str) -> list[str]:
    words = where.split(".")
    body = ast.parse((FOLDER / words[0] / "__init__.pyi").read_text()).body
    for word in words[1:]:
        node = next(each for each in body if getattr(each, "name", "") == word)
        body = node.body
    return [each for each in shape(node) if each != "self"]


def test_every_function_in_c_with_keywords_is_compared() -> None:
    text = "".join(p.read_text() for f in ("modules", "ports") for p in (ROOT / f).rglob("*.c"))
    defined = {match[3] for match in _DEFINED.finditer(text)}
    assert defined <= set(_WHERE)


@pytest.mark.parametrize("function", _WHERE)
def test_keywords_of_functions_in_c(function: str) -> None:
    assert _in_stub(_WHERE[function]) == _keywords(_bodies(), function)


_MADE = {  # constructors that take no keywords
    "ring_make_new": "trace.Ring",
    "port_make_new": "ahcicmd.Port",
    "hba_make_new": "ahcicmd.Hba",
    "md5_make_new": "loaderc.md5",
    "feed_make_new": "loaderc.Feed",
    "space_make_new": "mmu.Space",
    "rtc_make_new": "machine.RTC",
}


def test_arguments_of_constructors_in_c() -> None:
    bodies = _bodies()
    counted = {name: _CHECK.search(body) for name, body in bodies.items()}
    assert set(_MADE) == {name for name, found in counted.items() if found}
    for name, where in _MADE.items():
        least, most = map(int, counted[name].groups())
        said = _in_stub(f"{where}.__init__")
        assert (sum(not each.endswith("=") for each in said), len(said)) == (least, most), where


def test_every_module_in_c_has_a_stub() -> None:
    text = "".join(path.read_text() for path in (ROOT / "modules").rglob("*.c"))
    there = set(re.findall(r"MP_REGISTER_MODULE\(MP_QSTR_(\w+)", text)) | {"machine"}
    assert there == {name for name, stub in load().items() if not stub.made}


# ---- installed, and used by a type checker


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has the stubs by pip, without a network."""
    folder = tmp_path_factory.mktemp("user")
    venv.create(folder / "venv", symlinks=True)
    python = folder / "venv" / "bin" / "python"
    site = next((folder / "venv").glob("lib/python*/site-packages"))
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps"]
    subprocess.run([*pip, "--target", str(site), str(ROOT / "stubs")], check=True)
    return python


def _mypy(where: list[str], folder: Path, *more: str, path: str = "") -> list[str]:
    argv = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--hide-error-context"]
    argv += ["--config-file", "", "--cache-dir", str(folder / "cache"), *more, *where]
    done = subprocess.run(
        argv, cwd=folder, env={"MYPYPATH": path}, text=True, capture_output=True, timeout=120
    )
    assert done.returncode in (0, 1), done.stderr
    return [line for line in done.stdout.splitlines() if ": note:" not in line]


def test_stubs_are_sound(tmp_path: Path) -> None:
    # A method of a subclass may take what the firmware lets it take.
    said = _mypy([str(FOLDER)], tmp_path, "--disable-error-code=override", path=str(FOLDER))
    assert not said


def test_a_right_script_is_right(installed: Path, tmp_path: Path) -> None:
    script = [str(SCRIPTS / "right.py")]
    assert not _mypy(script, tmp_path, "--python-executable", str(installed))
    assert not _mypy(script, tmp_path, path=str(FOLDER))


def test_a_wrong_script_is_wrong_where_it_is_wrong(installed: Path, tmp_path: Path) -> None:
    script = SCRIPTS / "wrong.py"
    said = _mypy([str(script)], tmp_path, "--python-executable", str(installed))
    found = {(int(line.split(":")[1]), line.rpartition("[")[2].rstrip("]")) for line in said}
    lines = enumerate(script.read_text().splitlines(), 1)
    wanted = {(n, text.partition("# E: ")[2]) for n, text in lines if "# E: " in text}
    assert found == {(n, code) for n, code in wanted if n > 1}


def test_stubs_copied_beside_others(tmp_path: Path) -> None:
    (tmp_path / "time.pyi").write_text("")
    assert generate.main(["--out", str(tmp_path)]) == 0
    copied = {path.relative_to(tmp_path) for path in tmp_path.rglob("*.pyi")}
    wanted = {path.relative_to(FOLDER) for path in FOLDER.rglob("*.pyi")}
    assert copied == wanted | {Path("time.pyi")}


def test_settings_of_the_guide_are_sound() -> None:
    page = (ROOT / "docs" / "editors.md").read_text()
    blocks = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", page, re.S)]
    settings, tasks, launch = blocks
    assert settings["python.analysis.stubPath"] == "typings"
    assert launch["configurations"][0]["module"] == "pytest"
    for task in tasks["tasks"]:
        module, *words = task["args"][1:]
        if module == "pyrallax":
            parser, _ = __main__._parser(words)
            assert parser.parse_args(words).command == "run"
    matcher = tasks["tasks"][0]["problemMatcher"]["pattern"]
    said = ['  File "/a/b.py", line 3, in f', "OSError: [Errno 19] ENODEV"]
    places = [re.search(each["regexp"], line) for each, line in zip(matcher, said, strict=True)]
    assert places[0].groups() == ("/a/b.py", "3")
    assert places[1][1] == said[1]


def test_stubs_have_the_version_of_the_firmware() -> None:
    header = (ROOT / "ports" / "aarch64-parallels" / "version.h").read_text()
    project = tomllib.loads((ROOT / "stubs" / "pyproject.toml").read_text())["project"]
    assert f'PYRALLAX_VERSION "{project["version"]}"' in header
