"""lsusb() beside what `lsusb -v` under Linux says of the same devices (tests/data/usb)."""

import re
import sys

import pytest

from pyrallax import ROOT

pytestmark = pytest.mark.usb

_DATA = ROOT / "tests" / "data" / "usb"
_NAMED = re.compile(r"^( *(?:idVendor|idProduct|b\w*Class|b\w*SubClass|b\w*Protocol) +\w+).*")


def devices(text: str) -> dict[str, list[str]]:
    """Lines by id and product; names that come from usb.ids or ours are left out."""
    found = {}
    for part in ("\n" + text.replace("\r\n", "\n").strip("\n")).split("\n\nBus "):
        lines = part.removeprefix("\nBus ").splitlines()
        lines = [_NAMED.sub(r"\1", line) for line in lines]
        found[lines[0].partition("ID ")[2]] = [line.rstrip() for line in lines[1:]]
    return found


@pytest.fixture(scope="module")
def topology():
    sys.path.insert(0, str(_DATA))
    try:
        import topology
    finally:
        sys.path.remove(str(_DATA))
    return topology


def test_as_linux_prints_it(vm_factory, topology, tmp_path):
    """All our lines are Linux's, in its order; of standard descriptors it has no others."""
    theirs = devices((_DATA / "lsusb-linux.txt").read_text())
    vm = vm_factory(device=list(topology.DEVICES), extra=topology.disk(tmp_path / "disk"))
    repl = vm.repl()
    repl.exec("import usb\nusb.probe()", timeout=90)
    ours = devices(repl.exec("usb.lsusb()", timeout=60))
    assert sorted(ours) == sorted(theirs)
    for name, lines in ours.items():
        said = iter(theirs[name])
        for line in lines:
            if "** UNRECOGNIZED" in line:  # Linux takes more classes apart
                continue
            assert any(other == line for other in said), f"{name}: Linux has no {line!r} there"
        for field in ("Descriptor:", "bEndpointAddress", "iInterface", "bAlternateSetting"):
            standard = [
                line
                for line in theirs[name]
                if re.match(rf"(|  |    |      ){field}|      Endpoint {field}", line)
            ]
            assert [line for line in standard if line not in lines] == []
