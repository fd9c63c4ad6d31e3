"""PCI after UEFI: as Linux sees it, and what firmware assigned stays where it was."""

import ast

import pcigolden
import pytest

pytestmark = pytest.mark.probe

_NAMES = [name for name in pcigolden.MACHINES if name.endswith("uefi")]


@pytest.mark.parametrize("name", _NAMES)
def test_as_linux_sees_it(vm_factory, name):
    repl = vm_factory(**pcigolden.MACHINES[name]).repl()
    addresses = pcigolden.compare(repl, name)
    said = repl.exec("print([(f.bdf, b.index, b.address) for f in pci.scan() for b in f.bars])")
    got = {(bdf, index): at for bdf, index, at in ast.literal_eval(said) if index < 6}
    kept = [(bdf, index, at) for bdf, index, at in addresses if at]
    assert len(kept) >= 12
    for bdf, index, at in kept:
        assert got[bdf, index] == at, (bdf, index)
    assert set(got) == {(bdf, index) for bdf, index, _ in addresses}
