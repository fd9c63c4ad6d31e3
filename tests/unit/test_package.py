"""The host package as others install it: scripts, extras, folders, its two licences."""

import ast
import importlib
import os
import re
import subprocess
import sys
import tomllib

import pytest

from pyrallax import ROOT

pytestmark = pytest.mark.host

PACKAGE = ROOT / "host/pyrallax"
FLASH = PACKAGE / "flash"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def modules(folder):
    return sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)


def imported(path):
    """Absolute names of all that a module imports, wherever in it."""
    package = path.relative_to(ROOT / "host").parent.parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*base, *filter(None, [node.module])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def is_or_in(name, package):
    return name == package or name.startswith(package + ".")


def test_the_reader_of_imports():
    names = set(imported(FLASH / "command.py"))
    assert {"sys", "pyrallax.repl.Repl"} <= names
    assert any(is_or_in(name, "pyrallax.flash.session") for name in names)


def test_what_is_gpl_is_apart():
    """No other module imports flash/ or esptool; flashing.py loads it when a command runs."""
    loads = []
    for path in set(modules(PACKAGE)) - set(modules(FLASH)):
        for name in imported(path):
            assert not is_or_in(name, "pyrallax.flash") and not is_or_in(name, "esptool"), path
        loads += [path.name] * bool(re.search(r"""["'](pyrallax)?\.flash\b""", path.read_text()))
    assert loads == ["flashing.py"]
    readme = " ".join((ROOT / "README.md").read_text().split())
    assert "`host/pyrallax/flashing.py` loads it when a command runs, nothing else" in readme


def test_licences():
    for path in modules(FLASH):
        assert path.read_text().startswith("# SPDX-License-Identifier: GPL-2.0-or-later\n"), path
    for pattern in ("*.c", "*.h", "*.S"):
        for folder in ("boot", "ports", "modules", "tests", "host"):
            for path in (ROOT / folder).rglob(pattern):
                assert "// SPDX-License-Identifier: MIT\n" in path.read_text(), path
    assert set(PROJECT["license"].split(" AND ")) == {"MIT", "GPL-2.0-or-later"}
    heads = [(ROOT / name).read_text().split("\n\n")[0] for name in PROJECT["license-files"]]
    assert "MIT License" in heads[0] and "GNU GENERAL PUBLIC LICENSE" in heads[1]


def test_every_folder_is_packed():
    for path in modules(PACKAGE):
        assert (path.parent / "__init__.py").is_file(), f"setuptools passes over {path.parent}"


@pytest.mark.parametrize("target", PROJECT["scripts"].values())
def test_scripts(target):
    module, _, name = target.partition(":")
    assert callable(getattr(importlib.import_module(module), name))


def test_extras_name_what_is_pinned():
    """A user's own environment gets packages that ours is tested with."""
    pinned = {}
    for path in (ROOT / "host/requirements").glob("*.in"):
        pinned |= dict(line.split("==") for line in path.read_text().split())
    for extra in PROJECT["optional-dependencies"].values():
        for words in extra:
            name, least = words.split(">=")
            have = [int(n) for n in re.findall(r"\d+", pinned[name])]
            assert have >= [int(n) for n in least.split(".")], words


def test_apart_from_the_repository(tmp_path):
    """A wheel's commands say what they miss, and PYRALLAX_ROOT gives it."""
    code = "from pyrallax import ROOT; from pyrallax.__main__ import main; print(ROOT);"
    code += "main(['run', '--exec', '1'])"
    environment = dict(os.environ, PYRALLAX_ROOT=str(tmp_path))
    argv = [sys.executable, "-c", code]
    done = subprocess.run(argv, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.stdout == f"{tmp_path.resolve()}\n"
    want = f"pyrallax: {tmp_path.resolve()} is no repository of Pyrallax: set PYRALLAX_ROOT to one"
    assert done.stderr.strip() == want
