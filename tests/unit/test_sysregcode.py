"""The instructions that write system registers, against the table of names."""

import importlib.util
import re

import pytest

from pyrallax import ROOT

pytestmark = pytest.mark.host


def _table():
    spec = importlib.util.spec_from_file_location("sysregs", ROOT / "frozen/probe/maps/sysregs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for line in filter(None, module.TEXT.split("\n")):
        code, name, access = line.split()[:3]
        code, _, count = code.partition("*")
        op0, op1, crn, crm, op2 = map(int, code.split("."))
        for i in range(int(count or 1)):
            own = re.sub("n(?=_)", str(i), name) if count else name
            yield (op0, op1, crn, crm, op2 + i), own, access


def test_each_writable_register_has_an_instruction():
    source = (ROOT / "ports/aarch64-parallels/sysregcode.S").read_text()
    found = re.findall(r"^    writes (\d.*?) // (\w+)$", source, re.M)
    code = {tuple(map(int, numbers.split(", "))): name for numbers, name in found}
    wanted = {numbers: name for numbers, name, access in _table() if access not in ("RO", "RC")}
    assert code == wanted and len(code) > 60
