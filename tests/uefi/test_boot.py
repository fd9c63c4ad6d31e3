"""The firmware's prompt by UEFI, on the machines that the shim must cope with."""

import ast

import pytest
from shimvm import events, of, read_until

pytestmark = pytest.mark.boot

MACHINES = {
    "gicv2": {"gic": 2},
    "gicv3": {"gic": 3},
    "8-cpus-gicv2": {"gic": 2, "cpus": 8},
    "8-cpus-gicv3": {"gic": 3, "cpus": 8},
    "160-mib": {"gic": 2, "memory": 160},
    "8-gib": {"gic": 3, "memory": 8192},
    "ramfb": {"gic": 3, "display": "ramfb"},
    "virtio-gpu": {"gic": 3, "display": "virtio-gpu-pci"},
    "el2": {"gic": 3, "machine_options": "virtualization=on"},
    "cpu-max": {"gic": 3, "cpu": "max"},
}


@pytest.mark.parametrize("machine", MACHINES)
def test_prompt(vm_factory, machine):
    vm = vm_factory(machine="uefi", **MACHINES[machine])
    text = read_until(vm, r'^Type "help')
    found = events(text)
    assert not of(found, "error")
    assert not [event for event, _ in found if event.endswith(("-refused", "-odd"))]
    assert of(found, "jump")[0]["lost"] == "0"
    repl = vm.repl()
    stages = ast.literal_eval(repl.exec("import boot; print(boot.timeline())").strip())
    names = [name for name, _ in stages]
    shim = ["start", "acpi", "gop", "image_loaded", "tables_built", "exit_boot", "jump"]
    assert names[: len(shim)] == shim
    assert [at for _, at in stages] == sorted(at for _, at in stages)
