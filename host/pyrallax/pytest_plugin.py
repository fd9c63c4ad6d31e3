"""pytest plugin: machines and their prompts as fixtures, evidence on failure, a check for leaks.

vm_factory(**options)  start machines; each option is one of pyrallax.vm.qemu.Config
vm                     a fresh machine, options by @pytest.mark.vm_options(machine="uefi", cpus=4)
repl                   the prompt of a direct machine that the module's tests share, soft-reset
                       before each test; options: VM_OPTIONS in the module, or VM_MATRIX, a list
                       of them: each test runs on each
"""

from collections.abc import Callable, Iterator

import pytest

from . import symbolize
from .repl import Repl, ReplError, TargetError, TargetPanic
from .vm.config import Config, TooOld, Unfit
from .vm.qemu import Vm
from .wire import WireClosed

_TAIL_LINES = 60
_VMS = pytest.StashKey[list]()  # on an item or module node: machines its tests used

# On the target: outstanding DMA allocations; interrupt lines, message vectors and pages of
# translation tables that Python holds.  None and zeros in a build without the modules.
_LEAKS = """
import gc
gc.collect()
try:
    import dma
    print(repr(dma.stats()))
except ImportError:
    print(None)
try:
    import irq, mmu
    i = irq.info()
    print(repr((i["python_lines"], i["msi_used"], mmu.stats().tables)))
except ImportError:
    print((0, 0, 0))
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="also run what takes long")


@pytest.fixture(scope="session")
def full(request: pytest.FixtureRequest) -> bool:
    """Whether --full was given."""
    return request.config.getoption("--full")


def _start(config: Config, name: str) -> Vm:
    try:
        return Vm(config, name).start()
    except TooOld as why:
        pytest.skip(str(why))
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


def outstanding(stats: object) -> int:
    """Allocations that dma.stats() counts as handed out, whatever shape it has."""
    if isinstance(stats, dict):
        for key in ("outstanding", "allocated", "used", "in_use"):
            if key in stats:
                return int(stats[key])
        raise AssertionError(f"dma.stats() names nothing outstanding: {stats}")
    if isinstance(stats, (tuple, list)):
        return int(stats[0])
    return int(stats) if isinstance(stats, int) else 0


def leaks(repl: Repl) -> str:
    """What Python on the target holds of DMA memory, interrupts and tables; "" for nothing.

    To be asked after a soft reset.  Raises what Repl.exec raises.
    """
    import ast

    memory, others = map(ast.literal_eval, repl.exec(_LEAKS).split("\n")[:2])
    if outstanding(memory):
        return f"DMA memory is still allocated: {memory}"
    return f"(lines, message vectors, table pages) still held: {others}" if any(others) else ""


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
