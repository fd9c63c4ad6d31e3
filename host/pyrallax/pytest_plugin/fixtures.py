"""The fixtures."""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ..repl import Repl, TargetError
from ..vm.config import Config, Unfit
from ..vm.keys import Keyboard
from ..vm.machine import Machine
from ..vm.parallels import Parallels
from . import devices, hold, kinds
from .managed import BROKEN, ManagedVm
from .options import KINDS, kind, log_folder
from .serial_log import SerialLog

MARK = "_pyrallax_vm"  # in the fixture names of a test that uses our `vm`
VM = pytest.StashKey[ManagedVm]()  # on the config, while there is one
_MADE = pytest.StashKey[int]()  # machines before: the retry of a last test has a new ManagedVm


@pytest.fixture(scope="session")
def vm_config(pytestconfig: pytest.Config) -> Config | Parallels | None:
    """What a machine consists of; override it in conftest.py to change that."""
    return kinds.usual(pytestconfig)


@pytest.fixture(scope="session")
def _pyrallax_vm(
    pytestconfig: pytest.Config, vm_config: Config | Parallels | None
) -> Iterator[ManagedVm]:
    folder = log_folder(pytestconfig)
    workerinput = getattr(pytestconfig, "workerinput", {})  # of pytest-xdist
    worker = f"{workerinput['workerid']}-" if workerinput else ""

    def make(number: int) -> Machine:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as why:
            raise Unfit(f"{folder}: {why.strerror}: name a folder with --vm-log") from None
        machine = kinds.make(pytestconfig, f"vm-{worker}{number}", vm_config)
        machine.log_path = folder / f"{machine.name}.serial.log"
        return machine

    vm = ManagedVm(make, pytestconfig.stash.get(_MADE, 0))
    pytestconfig.stash[VM] = vm
    yield vm
    if pytestconfig.getoption("keep_vm") and vm.machine:
        hold.later(pytestconfig, vm)
    else:
        vm.off("end of the run")
    del pytestconfig.stash[VM]
    pytestconfig.stash[_MADE] = vm.made


@pytest.fixture(scope="session")
def vm(_pyrallax_vm: ManagedVm) -> ManagedVm:
    """The machine of the session (of this worker); at its prompt when a test begins."""
    return _pyrallax_vm  # not started here: pytest would keep a failure for the whole session


@pytest.fixture
def repl(vm: ManagedVm) -> Repl:
    """The raw REPL of the machine, soft-reset."""
    return _ready(vm.clean_repl)


@pytest.fixture
def serial_log(vm: ManagedVm) -> SerialLog:
    """What the serial line carried since the test began."""
    return SerialLog(vm)


class Screen:
    """folder: where pictures go that are not told otherwise."""

    def __init__(self, vm: ManagedVm, folder: Path, name: str):
        self._vm = vm
        self._folder = folder
        self._name = name
        self._count = 0

    def screenshot(self, path: Path | None = None) -> Path:
        """A picture (PNG) of the screen."""
        self._count += 1
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._vm.screenshot(path or self._folder / f"{self._name}-{self._count}.png")


@pytest.fixture
def screen(vm: ManagedVm, request: pytest.FixtureRequest) -> Screen:
    """Pictures of the screen; skips where the host cannot see it."""
    shown = Screen(vm, log_folder(request.config), file_name(request.node))
    if vm.machine and type(vm.machine).screenshot is Machine.screenshot:
        pytest.skip(f"a machine of kind {vm.machine.kind} shows no screen to the host")
    return shown


@pytest.fixture
def keyboard(vm: ManagedVm) -> Keyboard:
    """Keys as a person types them; skips where the host has no way to them."""
    try:
        return vm.keyboard
    except Unfit as why:
        pytest.skip(f"no keys reach this machine: {why}")


@pytest.fixture
def hwreport(vm: ManagedVm) -> Mapping[str, Any]:
    """The hardware report of the machine, made once per boot: docs/reference/hwreport.md."""
    return vm.hwreport()


def _ready(bring: Any) -> Any:
    """The same with a reason instead of a traceback where the machine does not come up."""
    __tracebackhide__ = True
    try:
        return bring()
    except Unfit as why:
        said = f"no machine: {why}"
    except BROKEN as why:
        said = f"the machine did not come to its prompt: {why}"
    except TargetError as why:  # such as a MicroPython that is not ours
        said = f"its firmware tells no devices: {why}"
    pytest.fail(said, pytrace=False)  # out here it is no second exception


def uses_vm(item: pytest.Item) -> bool:
    """Whether a machine is brought up for it."""
    wants = MARK in getattr(item, "fixturenames", ())
    return wants or any(mark.args for mark in item.iter_markers("needs_device"))


def file_name(item: pytest.Item) -> str:
    """A test's id as part of a file's name."""
    return re.sub(r"[^\w.-]+", "_", item.nodeid)[-100:]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what is for another kind of machine before one is started."""
    wanted = [name for mark in item.iter_markers("machine") for name in mark.args]
    unknown = [name for name in wanted if name not in KINDS]
    if unknown:
        pytest.fail(f"machine: there are {', '.join(KINDS)}, no {unknown[0]}", pytrace=False)
    here = kind(item.config)
    for mark in item.iter_markers("machine"):
        if here not in mark.args:
            reason = f"for --vm {' or '.join(mark.args)}; this is {here}"
            raise pytest.skip.Exception(reason, _use_item_location=True)


@pytest.fixture(autouse=True)
def _pyrallax_ready(request: pytest.FixtureRequest) -> None:
    """Bring the machine up; skip a test whose devices it lacks."""
    names = [n for mark in request.node.iter_markers("needs_device") for n in mark.args]
    for name in names:
        if not devices.known(name):
            pytest.fail(f"needs_device: {devices.unknown(name)}", pytrace=False)
    if not names and MARK not in request.fixturenames:
        return
    vm = request.getfixturevalue("vm")
    _ready(vm.repl)
    for name in names:
        if why := _ready(partial(devices.missing, vm, name)):
            pytest.skip(why)
