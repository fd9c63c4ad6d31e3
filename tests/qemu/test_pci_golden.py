"""What Linux's lspci says of the same machines: functions, names, capabilities, sizes, bytes."""

import pcigolden
import pytest

pytestmark = pytest.mark.probe

_NAMES = [name for name in pcigolden.MACHINES if name.endswith("direct")]


@pytest.mark.parametrize("name", _NAMES)
def test_as_linux_sees_it(vm_factory, name):
    repl = vm_factory(**pcigolden.MACHINES[name]).repl()
    pcigolden.compare(repl, name)
