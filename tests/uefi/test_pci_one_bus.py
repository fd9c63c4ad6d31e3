"""PCI where the tables name one bus and no windows, as MCFG does on Parallels."""

import ast

import pytest
from test_parallels_tables import _start

from pyrallax.vm import acpi

pytestmark = pytest.mark.probe


def test_functions_without_windows(vm_factory, tmp_path):
    repl = _start(vm_factory, tmp_path, acpi.Machine(), device=["edu,addr=5"]).repl()
    repl.exec("import pci, boot")
    ecam = ast.literal_eval(repl.exec("print(boot.hw()['ecam'])"))
    assert [entry[1:] for entry in ecam] == [(0, 0, 0)]
    found = ast.literal_eval(repl.exec("print([f.bdf for f in pci.scan()])"))
    assert found == ["00:00.0", "00:01.0", "00:05.0"]
    # edk2 puts the disk's ports at 0, which is no address, and no window is known to place them.
    problems = ast.literal_eval(repl.exec("print(pci.problems())"))
    assert problems == ["00:01.0: no room for 0x80 bytes of io"]
    assert int(repl.exec("print(pci.find(0x1234, 0x11E8).enable().bar(0)[0] & 0xff)")) == 0xED
    said = repl.exec("try:\n pci._bus.hosts[0].cfg(1, 0, 0)\nexcept ValueError as e:\n print(e)")
    assert said.strip() == "01:00.0: the buses are 00 to 00"
