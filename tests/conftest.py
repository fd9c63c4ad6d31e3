"""What all suites share: machines and their prompts, evidence on failure, a check for leaks.

vm_factory(**options)  start machines; each option is one of pyrallax.vm.qemu.Config
vm                     a fresh machine, options by @pytest.mark.vm_options(machine="uefi", cpus=4)
repl                   the prompt of a direct machine that the module's tests share, soft-reset
                       before each test; options: VM_OPTIONS in the module, or VM_MATRIX, a list
                       of them: each test runs on each

`vm` and `repl` take the place of the plugin's own (pyrallax.pytest_plugin), which a user has.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))
# Last, as some of its names are the library's (trace, …): usbredir wants the scripted devices.
sys.path.append(str(Path(__file__).parent / "sim"))

from fake_prl.harness import prl  # noqa: F401 (a fixture)
from leaks import leaks

from pyrallax import symbolize
from pyrallax.repl import Repl, ReplError, TargetError, TargetPanic
from pyrallax.vm.config import Config, TooOld, Unfit
from pyrallax.vm.qemu import Vm
from pyrallax.wire import WireClosed

_TAIL_LINES = 60
_VMS = pytest.StashKey[list]()  # on an item or module node: machines its tests used
AREAS = {"boot", "probe", "storage", "usb", "display", "host", "twin", "bench"}


# Before pytest's own, which takes away what -m does not choose.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test has an area: `inv test -m AREA` must not pass one over in silence."""
    without = {
        item.nodeid.partition("::")[0]
        for item in items
        if AREAS.isdisjoint(mark.name for mark in item.iter_markers())
    }
    if without:
        raise pytest.UsageError(f"no marker of an area: {', '.join(sorted(without))}")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="also run what takes long")


@pytest.fixture(scope="session")
def full(request: pytest.FixtureRequest) -> bool:
    """Whether --full was given."""
    return request.config.getoption("--full")


@pytest.fixture(scope="session")
def tshark(full: bool) -> str:
    """Wireshark's reader, a judge of captures; CI and --full do not go without."""
    found = shutil.which("tshark")
    if not found and (full or os.environ.get("CI")):
        pytest.fail("no tshark: run `make setup`", pytrace=False)
    return found or pytest.skip("no tshark: run `make setup`")


def _start(config: Config, name: str) -> Vm:
    try:
        return Vm(config, name).start()
    except TooOld as why:
        pytest.skip(f"this QEMU is too old: {why}")
    except Unfit as why:
        pytest.fail(str(why), pytrace=False)


def _name(node: pytest.Item | pytest.Module) -> str:
    return "".join(c if c.isalnum() or c in "-." else "_" for c in node.nodeid)[-120:]


@pytest.fixture
def vm_factory(request: pytest.FixtureRequest) -> Iterator[Callable[..., Vm]]:
    """vm_factory(machine="uefi", cpus=8, …) -> Vm; all end with the test."""
    vms: list[Vm] = []
    request.node.stash[_VMS] = vms

    def start(**options) -> Vm:
        vm = _start(Config(**options), f"{_name(request.node)}-{len(vms)}")
        vms.append(vm)
        return vm

    yield start
    for vm in vms:
        vm.close()


@pytest.fixture
def vm(vm_factory: Callable[..., Vm], request: pytest.FixtureRequest) -> Vm:
    """A machine of this test alone."""
    options: dict = {}
    for mark in reversed(list(request.node.iter_markers("vm_options"))):
        options |= mark.kwargs
    return vm_factory(**options)


@pytest.fixture(scope="module")
def _shared(request: pytest.FixtureRequest) -> Iterator[tuple[Vm, Repl]]:
    options = getattr(request, "param", getattr(request.module, "VM_OPTIONS", {}))
    config = Config(**options)
    vm = _start(config, _name(request.node))
    request.node.stash[_VMS] = [vm]
    try:
        repl = vm.repl()
        yield vm, repl
        _check_leaks(repl)
    finally:
        vm.close()


@pytest.fixture
def repl(_shared: tuple[Vm, Repl]) -> Repl:
    """The raw REPL of the module's shared machine (options: VM_OPTIONS in the module)."""
    repl = _shared[1]
    repl.enter_raw()
    repl.soft_reset()
    return repl


def _check_leaks(repl: Repl) -> None:
    """Fail when the module's tests left something taken after a soft reset."""
    try:
        repl.enter_raw()
        repl.soft_reset()
        held = leaks(repl)
    except WireClosed:
        return  # a test ended the machine on purpose; its own assertions judge that
    except (ReplError, TargetError, TargetPanic) as why:
        pytest.fail(f"the leak check got no answer: {why}", pytrace=False)
    if held:
        pytest.fail(held, pytrace=False)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    matrix = getattr(metafunc.module, "VM_MATRIX", None)
    if matrix and "_shared" in metafunc.fixturenames:
        ids = ["-".join(f"{k}{v}" for k, v in sorted(o.items()) if k != "device") for o in matrix]
        metafunc.parametrize("_shared", matrix, ids=ids, indirect=True, scope="module")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    report = yield
    if report.failed:
        if call.excinfo and isinstance(call.excinfo.value, TargetPanic):
            report.sections.append(("panic", symbolize.report(call.excinfo.value.block)))
        for node in item.listchain():
            for vm in node.stash.get(_VMS, []):
                report.sections.append((f"serial log {vm.log_path}", _tail(vm)))
    return report


def _tail(vm: Vm) -> str:
    try:
        lines = vm.log_path.read_text().splitlines()[-_TAIL_LINES:]
    except OSError as error:
        lines = [str(error)]
    if said := vm.stderr():
        lines.append(f"QEMU: {said}")
    return "\n".join(lines)
