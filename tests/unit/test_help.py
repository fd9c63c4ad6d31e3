"""help() of the toolkit knows every public function of its modules, and nothing else."""

import ast
import re
import sys

import pytest

from pyrallax import ROOT

pytestmark = [pytest.mark.host, pytest.mark.probe]

PYTHON = {
    "acpi": "frozen/bus/acpi.py",
    "pci": "frozen/bus/pci.py",
    "efi": "frozen/bus/efi.py",
    "probe.smbios": "frozen/probe/smbios.py",
    "probe.heartbeat": "frozen/probe/heartbeat.py",
    "probe.trace": "frozen/probe/trace.py",
    "probe.hwreport": "frozen/probe/hwreport.py",
}
C = ("irq", "mmio", "mmu", "prompt", "rawmem", "smp", "sysreg", "trace")
_TABLE = re.compile(r" globals_table\[\] = \{(.*?)\n\};", re.S)
_CALLABLE = re.compile(r"MP_ROM_QSTR\(MP_QSTR_([A-Za-z]\w*)\),\s*MP_ROM_PTR\(")


@pytest.fixture(scope="module")
def told():
    """{module: names} of the help text."""
    found, names = {}, None
    text = (ROOT / "frozen/probe/helptext.py").read_text()
    for line in re.search(r'_TEXT = """\\\n(.*?)"""', text, re.S)[1].splitlines():
        assert line.count(" | ") == 1 and len(line) <= 99, line
        if line.startswith("= "):
            names = found.setdefault(line[2:].split(" |")[0], [])
        else:
            names.append(re.match(r"(\w+)\(.*\) \| \S", line)[1])
    return found


def there():
    """{module: names} of the public functions and classes."""
    found = {}
    for module, path in PYTHON.items():
        if (ROOT / path).exists():
            found.setdefault(module, set()).update(public(ast.parse((ROOT / path).read_text())))
    for module in C:
        path = ROOT / f"modules/{module}/mod{module}.c"
        if path.exists():
            names = _CALLABLE.findall(_TABLE.search(path.read_text())[1])
            found.setdefault(module, set()).update(names)
    lazy = ROOT / "frozen/probe/sysreg.py"  # what the C module asks for
    if lazy.exists():
        names = re.search(r"^_FUNCTIONS = (\(.*?\))", lazy.read_text(), re.M | re.S)[1]
        found["sysreg"].update(ast.literal_eval(names))
    sys.path[:0] = [str(ROOT / "frozen"), str(ROOT / "tests/sim")]
    try:
        import probe

        found["probe"] = set(probe.__all__)
    finally:
        del sys.path[:2]
    return found


def public(tree):
    for node in tree.body:
        names = []
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names = [node.name]
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
            names = [target.id for target in node.targets]  # another name of a function
        yield from (name for name in names if not name.startswith("_"))


def test_every_function_has_its_line(told):
    missing = {
        module: sorted(names - set(told.get(module, ())))
        for module, names in there().items()
        if names - set(told.get(module, ()))
    }
    assert not missing


def test_every_line_has_its_function(told):
    modules = there()
    extra = {
        module: sorted(set(names) - modules[module])
        for module, names in told.items()
        if module in modules and set(names) - modules[module]
    }
    assert not extra
    assert all(len(set(names)) == len(names) for names in told.values())


def test_star_import_is_the_lazy_names():
    """__all__ is for readers and CPython: MicroPython takes every name without underscore."""
    tree = ast.parse((ROOT / "frozen/probe/__init__.py").read_text())
    bound = {t.id for n in tree.body if isinstance(n, ast.Assign) for t in n.targets}
    imported = {a.name for n in tree.body if isinstance(n, ast.ImportFrom) for a in n.names}
    names = {name for name in bound | imported if not name.startswith("_")}
    assert names == there()["probe"]
    for line in tree.body:
        if isinstance(line, ast.Assign) and isinstance(line.value, ast.Call):
            module, name = (argument.value for argument in line.value.args)
            assert line.targets[0].id == name
            source = ast.parse((ROOT / f"frozen/probe/{module}.py").read_text())
            assert name in set(public(source)), (module, name)
