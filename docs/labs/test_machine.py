"""Tests for any of the environments beside: pytest --lg-env docs/labs/qemu.yaml docs/labs"""

import struct

import pytest


@pytest.fixture(scope="session")
def shell(target, strategy):
    """A fresh machine's Python, code and files."""
    strategy.transition("shell")
    yield target.get_driver("MicroPythonDriver")
    strategy.transition("off")


def test_code(shell):
    assert shell.run_check("import sys; print(sys.platform)") == ["pyrallax"]
    _, err, status = shell.run("1 / 0")
    assert status == 1 and err[-1].startswith("ZeroDivisionError")


def test_files(shell, tmp_path):
    (tmp_path / "table").write_bytes(bytes(range(256)))
    shell.put(str(tmp_path / "table"), "/ram/table")
    assert shell.eval("sum(open('/ram/table', 'rb').read())") == 32640


def test_registers(shell):
    base = shell.eval("__import__('boot').hw()['uart'][0]")
    (flags,) = struct.unpack("<I", shell.read(base + 0x18, 4, 1))
    assert flags & 1 << 4  # RXFE: nothing waits in the receiver
