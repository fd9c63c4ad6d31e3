"""Labgrid over our machines, in .venv-labs; .venv, which has no labgrid, finds nothing here."""

import importlib.util
import shutil
from collections.abc import Iterator

import pytest

from pyrallax import BUILD
from pyrallax.vm.config import QEMU

if importlib.util.find_spec("labgrid") is None:
    collect_ignore_glob = ["test_*.py"]

_REST = """
tools:
  qemu: {qemu}
images:
  firmware: {firmware}
"""

_MACHINE = """\
      QEMUDriver:
        qemu_bin: qemu
        machine: virt,gic-version=2
        cpu: cortex-a72
        memory: 256M
        nic: none
        kernel: firmware
        boot_args: '{boot_args}'
"""


@pytest.fixture(scope="module")
def target(request: pytest.FixtureRequest, tmp_path_factory) -> Iterator:
    """A labgrid target, QEMU with our firmware off; the module's DRIVERS (YAML) sit on it.

    BOOT_ARGS: the kernel command line.
    """
    from environments import environment

    drivers = _MACHINE.format(boot_args=getattr(request.module, "BOOT_ARGS", ""))
    drivers += request.module.DRIVERS
    rest = _REST.format(qemu=shutil.which(QEMU), firmware=BUILD / "firmware.elf")
    with environment(tmp_path_factory.mktemp("labgrid"), drivers, rest) as made:
        yield made.get_target("main")


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator:
    """Places one and two, with the machines of docs/labs/exporter-qemu.yaml."""
    from lab import EXAMPLES, Lab

    lab = Lab(tmp_path_factory.mktemp("lab"), EXAMPLES / "exporter-qemu.yaml")
    try:
        for place, group in ("one", "vm1"), ("two", "vm2"):
            lab.client(place, "create")
            lab.client(place, "add-match", f"mac1/{group}/*")
        yield lab
    finally:
        lab.close()


@pytest.fixture
def place(lab) -> Iterator[str]:
    """A place of ours."""
    from lab import acquired

    with acquired(lab, "one"):
        yield "one"
