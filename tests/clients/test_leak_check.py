"""The check for leaks behind each module of the suites, on modules that leave something taken."""

import re

import plugins
import pytest

from pyrallax import ROOT

pytestmark = pytest.mark.host

# The suites' own conftest.py, as a folder below tests/ has it.
_CONFTEST = f"""
import importlib.util
spec = importlib.util.spec_from_file_location("shared", {str(ROOT / "tests/conftest.py")!r})
shared = importlib.util.module_from_spec(spec)
spec.loader.exec_module(shared)
globals().update({{k: v for k, v in vars(shared).items() if not k.startswith("__")}})

def pytest_configure(config):
    config.addinivalue_line("markers", "host: tools that run on the host")
"""
# A soft reset takes back what Python had; boot.py takes it again on the way to the prompt.
_MODULE = """
import pytest
pytestmark = pytest.mark.host

def test_leaves(repl):
    repl.put("/ram/boot.py", {boot!r})
    repl.exec("import dma\\nkept = dma.alloc(64)")

def test_goes_well(repl):
    assert repl.eval("1 + 1") == 2
"""
_BOOTS = {
    "dma": b"import dma\nkept = dma.alloc(4096)\n",
    "line": b"import irq\nkept = irq.request(200, lambda line: None)\n",
    "nothing": b"",
}


def test_a_module_that_leaves_something_is_an_error(tmp_path):
    for name, boot in _BOOTS.items():
        (tmp_path / f"test_{name}.py").write_text(_MODULE.format(boot=boot))
    run = plugins.run(tmp_path, "", conftest=_CONFTEST)
    assert run.counts == {"passed": 6, "errors": 2}, run.said
    said = re.findall(r"^_+ ERROR at teardown of test_goes_well _+\n(.*)", run.said, re.M)
    assert [line.partition(" (1, ")[0] for line in said] == [
        "DMA memory is still allocated:",
        "(lines, message vectors, table pages) still held:",
    ]
