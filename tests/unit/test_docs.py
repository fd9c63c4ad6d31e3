"""The documents against the code: links, command-line keys, names of modules, tasks, options."""

import argparse
import re
import sys

import pytest

from pyrallax import ROOT, run

pytestmark = pytest.mark.host

DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
PAGES = sorted([ROOT / "README.md", *DOCS.rglob("*.md")])
_FENCED = re.compile(r"^```.*?^```", re.M | re.S)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def anchors(page):
    """The anchors of a page's headings, as GitHub makes them."""
    text = _FENCED.sub("", page.read_text())
    words = [re.sub(r"[^\w\- ]", "", h.lower()) for h in re.findall(r"^#+ (.*)$", text, re.M)]
    return {word.replace(" ", "-") for word in words}


def code_words(page):
    """What a page has in backquotes or code blocks, one text."""
    text = page.read_text()
    return "\n".join(_FENCED.findall(text) + re.findall(r"`([^`]+)`", _FENCED.sub("", text)))


def has_word(word, text):
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None


def c_sources(*folders):
    return {path: path.read_text() for f in folders for path in sorted((ROOT / f).rglob("*.[ch]"))}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links(page):
    text = _FENCED.sub("", page.read_text())
    for link in _LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), f"{page.name} links to {link}, which is not there"
        if anchor:
            assert anchor in anchors(target), f"{page.name}: {target.name} has no #{anchor}"


def test_the_tour_goes_where_it_says():
    """Each file that it names is there, and has the function named with it: `irq.c`, `heard`."""
    text = (DOCS / "tour.md").read_text()
    folders = ("boot", "ports", "modules", "frozen", "host", "tests")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.*")]
    files += ROOT.glob("*.py")
    for name in re.findall(r"`([\w/.-]+\.(?:py|c|h|S))`", text):
        if name.partition("/")[0] not in ("py", "shared", "extmod"):  # MicroPython's
            assert [f for f in files if f.as_posix().endswith("/" + name)], name
    said = re.findall(r"`([\w/.-]+\.(?:py|c|h|S))`(?:\*\*)?, `(\w+)`", text)
    for name, function in said:
        found = [f for f in files if f.as_posix().endswith("/" + name)]
        assert any(has_word(function, f.read_text()) for f in found), f"{function} in {name}"
    assert len(said) > 10


def test_index_lists_every_page():
    linked = set(_LINK.findall((DOCS / "index.md").read_text()))
    pages = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")} - {"index.md"}
    assert pages <= linked


def test_no_path_of_a_machine():
    for page in PAGES:
        found = re.search(r"/(home|Users|root|work)/\w+", page.read_text())
        assert not found, f"{page.name}: {found[0]}"


def test_formulae_of_homebrew():
    from pyrallax.setup.packages import wanted

    run = wanted("brew", False)
    more = wanted("brew", True)[len(run) :]
    readme = (ROOT / "README.md").read_text()
    assert f"`{' '.join(run)}`" in readme and f"`{' '.join(more)}`" in readme


def test_command_line_keys():
    page = (REFERENCE / "command-line.md").read_text()
    told = set(re.findall(r"^\| `(\w+)` \|", page, re.M))
    read = set()
    for text in c_sources("ports", "modules", "boot").values():
        read |= set(re.findall(r'\bhw_option(?:_size)?\("(\w+)"', text))
    for name in ("system/mounts", "system/shell", "targettest/batch", "usb/usbhid", "usb/usb"):
        text = (ROOT / f"frozen/{name}.py").read_text()
        read |= set(re.findall(r'words\.get\("(\w+)"', text))
        read |= set(re.findall(r'"(\w+)" in words', text))
    assert read and told == read


def module_names():
    """(module, name) of each globals table in modules/, and of the port's part of machine."""
    for path in sorted((ROOT / "modules").glob("*/mod*.c")):
        table = re.search(r" globals_table\[\] = \{(.*?)\n\};", path.read_text(), re.S)
        assert table, f"no globals_table in {path}"
        for name in re.findall(r"MP_ROM_QSTR\(MP_QSTR_(\w+)\),", table[1]):
            yield path.stem.removeprefix("mod"), name
    port = (ROOT / "ports/aarch64-parallels/modmachine.c").read_text()
    for name in re.findall(r"\{ MP_ROM_QSTR\(MP_QSTR_(\w+)\),", port):
        yield "machine", name


def test_every_name_of_a_module_has_its_place():
    missing = [
        f"{module}.{name}"
        for module, name in module_names()
        if not name.startswith("__")
        and not has_word(f"{module}.{name}", code_words(REFERENCE / f"{module}.md"))
    ]
    assert not missing


def test_every_name_of_the_toolkit_has_its_place():
    """What help() of frozen/probe lists; test_help.py holds that against the modules."""
    text = (ROOT / "frozen/probe/helptext.py").read_text()
    missing, words = [], ""
    for line in re.search(r'_TEXT = """\\\n(.*?)"""', text, re.S)[1].splitlines():
        if line.startswith("= "):
            module = line[2:].split(" |")[0].rpartition(".")[2]
            words = code_words(REFERENCE / f"{module}.md")
            if module == "probe":
                words += code_words(REFERENCE / "registers.md")
        elif not has_word(name := re.match(r"\w+", line)[0], words):
            missing.append(f"{module}.{name}")
    assert words and not missing


def test_keys_and_stages_of_boot():
    source = (ROOT / "modules/boot/modboot.c").read_text()
    words = code_words(REFERENCE / "boot.md")
    names = re.findall(r"store\(d, MP_QSTR_(\w+)", source)
    names += re.findall(r"\{HW_STAGE_\w+, MP_QSTR_(\w+)\}", source)
    assert len(names) > 40
    assert [name for name in names if not has_word(name, words)] == []


def test_size_of_the_hand_off():
    header = (ROOT / "boot/hwconfig.h").read_text()
    size = int(re.search(r"sizeof\(hw_config_t\) == (\d+)", header)[1])
    assert f"{size:,} bytes" in (DOCS / "how-it-boots.md").read_text()


def test_tasks():
    sys.path.insert(0, str(ROOT))
    try:
        import tasks
    finally:
        sys.path.remove(str(ROOT))
    words = code_words(REFERENCE / "host.md")
    for name in tasks.namespace.task_names:
        assert f"inv {name}" in words, name
    for task in tasks.namespace.tasks.values():
        assert len(task.__doc__.splitlines()[0]) <= 57, (
            f"inv --list breaks the line of {task.name}"
        )
        for argument in task.get_arguments():
            dashes = "-" if len(argument.name) == 1 else "--"  # so invoke has it
            option = dashes + argument.name.replace("_", "-")
            assert has_word(option, words), f"inv {task.name} {option}"


def test_commands():
    from pyrallax.__main__ import _MODULES

    titles = re.findall(r"^## python -m pyrallax (.*)$", (REFERENCE / "host.md").read_text(), re.M)
    assert sorted(", ".join(titles).split(", ")) == sorted(_MODULES)


def test_options_of_run():
    commands = argparse.ArgumentParser().add_subparsers()
    run.add_to(commands)
    page = (DOCS / "get-started.md").read_text()
    for action in commands.choices["run"]._actions:
        for option in action.option_strings:
            if option not in ("-h", "--help"):
                row = re.search(rf"^\| `{option}\b[^|]*(?:\\\|[^|]*)*\| ([^|]*)\|", page, re.M)
                assert row, f"{option} is not in the table of get-started.md"
                default = str(action.default) if action.default not in (None, []) else ""
                default = default.removeprefix("False")
                assert row[1].strip() == default, f"default of {option}"


def test_suites_and_markers():
    from pyrallax.lanes import SUITES

    page = (DOCS / "testing.md").read_text()
    assert re.findall(r"^\| `(\w+)` \|", page, re.M)[: len(SUITES)] == list(SUITES)
    markers = re.findall(r'^    "(\w+):', (ROOT / "pyproject.toml").read_text(), re.M)
    assert markers and all(f"`{marker}`" in page for marker in markers)


@pytest.mark.parametrize(
    "source, page",
    [
        ("host/pyrallax/pytest_plugin/fixtures.py", "test-your-code.md"),
        ("tests/conftest.py", "testing.md"),
    ],
)
def test_fixtures(source, page):
    names = re.findall(r"@pytest\.fixture.*\ndef ([a-z]\w+)", (ROOT / source).read_text())
    words = code_words(DOCS / page)
    assert names and [name for name in names if not has_word(name, words)] == []


def test_options_of_the_plugin():
    source = (ROOT / "host/pyrallax/pytest_plugin/options.py").read_text()
    names = re.findall(r'add\("(--[\w-]+)"', source)
    words = code_words(DOCS / "test-your-code.md")
    assert len(names) == 5 and [name for name in names if not has_word(name, words)] == []
