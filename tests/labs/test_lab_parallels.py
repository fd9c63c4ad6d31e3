"""A place with a machine in Parallels, on the fake prlctl: made, used, deleted."""

import time

import pytest
from fake_prl.harness import SMALL
from lab import EXAMPLES, Lab

pytestmark = pytest.mark.host

OFFERS = f"""\
vm1:
  PyrallaxMachine: {{kind: parallels, options: {{size: {SMALL}}}}}
vm2:
  PyrallaxMachine: {{kind: direct}}
"""


@pytest.fixture
def lab(prl, tmp_path):
    (tmp_path / "offers.yaml").write_text(OFFERS)
    lab = Lab(tmp_path, tmp_path / "offers.yaml")
    try:
        for place in "vm1", "vm2":
            lab.client(place, "create")
            lab.client(place, "add-match", f"mac1/{place}/*")
        yield lab
    finally:
        lab.close()


def gone(prl, within):
    deadline = time.monotonic() + within
    while prl.vms() and time.monotonic() < deadline:
        time.sleep(0.1)
    return prl.vms() == {}


def test_a_mac_of_the_lab(prl, lab):
    environment = lab.folder / "parallels.yaml"
    text = (EXAMPLES / "lab.yaml").read_text()
    environment.write_text(text.replace("PyrallaxDriver", "ParallelsDriver"))
    power = ("-c", str(environment), "power")
    lab.client("vm1", "acquire")
    assert prl.vms() == {}
    lab.client("vm1", "-s", "shell", *power, "get")
    assert len(prl.vms()) == 1

    prl.inject(hold=True)  # each call of prlctl: the end takes longer than anybody waits
    lab.client("vm1", "release")
    lab.client("vm2", "acquire")  # others do not wait for it
    lab.client("vm2", "release")
    assert len(prl.vms()) == 1
    prl.inject()
    assert gone(prl, 120)

    lab.client("vm1", "acquire")
    lab.client("vm1", *power, "on")
    assert len(prl.vms()) == 1
    lab.exporter.kill()
    assert gone(prl, 120)
