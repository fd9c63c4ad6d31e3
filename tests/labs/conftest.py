"""Labgrid over our machines, in .venv-labs; .venv, which has no labgrid, finds nothing here."""

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pyrallax import BUILD
from pyrallax.vm.config import QEMU

if importlib.util.find_spec("labgrid") is None:
    collect_ignore_glob = ["test_*.py"]

_ENVIRONMENT = """\
imports:
  - pyrallax.labgrid
targets:
  main:
    drivers:
{drivers}
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
    from labgrid import Environment

    drivers = _MACHINE.format(boot_args=getattr(request.module, "BOOT_ARGS", ""))
    path: Path = tmp_path_factory.mktemp("labgrid") / "environment.yaml"
    path.write_text(
        _ENVIRONMENT.format(
            drivers=drivers + request.module.DRIVERS,
            qemu=shutil.which(QEMU),
            firmware=BUILD / "firmware.elf",
        )
    )
    environment = Environment(str(path))
    yield environment.get_target("main")
    environment.cleanup()
