"""The instructions that write system registers, against the table of names."""

import importlib.util
import re

import pytest

from pyrallax import ROOT

pytestmark = [pytest.mark.host, pytest.mark.probe]


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


def test_each_name_can_be_read():
    """Blocks of sysregs.c, of which sysregcode.S has the instructions, in the same order."""
    block = r"(\d+), (\d+), (\d+), (\d+), (\d+)"
    source = (ROOT / "ports/aarch64-parallels/sysregs.c").read_text()
    blocks = [tuple(map(int, b)) for b in re.findall(rf"{{{block}}}", source, re.M)]
    code = (ROOT / "ports/aarch64-parallels/sysregcode.S").read_text()
    there = []
    for line in re.findall(r"^    pairs (\d.*)$", code, re.M):
        op0, op1, crn, *crms = map(int, line.replace(" ", "").split(","))
        assert crms == list(range(crms[0], crms[0] + len(crms)))
        there.append((op0, op1, crn, crms[0], len(crms)))
    assert there == blocks and len(blocks) > 20
    for (op0, op1, crn, crm, _), name, access in _table():
        if access != "WO":
            assert any(b[:3] == (op0, op1, crn) and b[3] <= crm < b[3] + b[4] for b in blocks), (
                name
            )
