"""What is kept of a test: its serial log, and after a failure panic, dmesg, screenshot and more.

It goes to the failed report as sections, to the JUnit XML as properties, to the HTML page
(html.py) as extras of the teardown's report, all of which pytest-xdist carries.
"""

import types
from pathlib import Path

import pytest

from .. import symbolize
from ..repl import TargetError, TargetPanic
from ..vm.config import Unfit
from ..wire import WireClosed
from . import html, retry
from .fixtures import VM, file_name, uses_vm
from .managed import BROKEN, ManagedVm
from .options import log_folder
from .serial_log import folded

_LOG_LINES = 80
_LOG_BYTES = 1 << 20  # of the log; a test may have moved files of any size
_DMESG_LINES = 100
_ASK_S = 5.0
_PACKAGE = Path(__file__).parents[1]
_LINE = 400  # of the serial log, in characters: a transfer of a file is no reading
_KEPT = pytest.StashKey[dict[str, str]]()  # on an item
_BOOTS = pytest.StashKey[list[dict]]()  # on an item: machines that came up for it


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.stash[_KEPT] = first = retry.of_first_machine(item)
    if not first:  # else its boots are still to be reported
        item.stash[_BOOTS] = []
    if vm := item.config.stash.get(VM, None):
        vm.mark()


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    if not uses_vm(item) or _KEPT not in item.stash:
        return (yield)
    kept = item.stash[_KEPT]
    vm = item.config.stash.get(VM, None)  # None: switched off after the last test
    if vm:
        if call.when != "setup" or call.excinfo:  # else it grows yet
            kept["serial log"] = _last_lines(folded(vm.log(_LOG_BYTES)), _LOG_LINES)
        item.stash[_BOOTS] += vm.take_boots()
        if call.when == "setup" and (why := vm.replaced()):
            kept["fresh machine"] = why
    if call.when == "teardown":
        item.user_properties += [(name.replace(" ", "_"), text) for name, text in kept.items()]
    if call.excinfo and not item.config.getoption("fulltrace"):
        call.excinfo = _without_ours(call.excinfo)
    report = yield
    if report.failed:
        error = call.excinfo.value if call.excinfo else None
        if (text := getattr(error, "traceback", "")) and isinstance(text, str):
            report.sections.append(("on the target", text))
        if vm:
            _collect(item, vm, error, kept)
        report.sections += kept.items()
    if call.when == "teardown":
        report.pyrallax = {"boots": item.stash[_BOOTS]}
        html.add(item.config, report, kept)
    return report


def _without_ours(excinfo: pytest.ExceptionInfo) -> pytest.ExceptionInfo:
    """The same less what the package did inside: how it talks to a target is no news."""
    frames = []
    at = excinfo.tb
    while at:
        if _PACKAGE not in Path(at.tb_frame.f_code.co_filename).parents:
            frames.append(at)
        at = at.tb_next
    kept = None
    for at in reversed(frames):
        kept = types.TracebackType(kept, at.tb_frame, at.tb_lasti, at.tb_lineno)
    return pytest.ExceptionInfo.from_exception(excinfo.value.with_traceback(kept or excinfo.tb))


def _collect(
    item: pytest.Item, vm: ManagedVm, error: BaseException | None, kept: dict[str, str]
) -> None:
    """What can be had of a machine that a test failed on, from the surest to the riskiest."""
    if vm.machine:
        kept["machine"] = f"{vm.machine.kind}, whole serial log: {vm.machine.log_path}"
    if blocks := symbolize.blocks(vm.log(_LOG_BYTES)):
        kept["panic"] = "\n".join(f"{block}\n{symbolize.report(block)}" for block in blocks)
    if wedged := retry.note(item, vm):
        kept["environment"] = wedged
    if isinstance(error, TargetPanic | WireClosed):
        vm.crashed(error)
    if vm.machine and (said := vm.machine.host_log()):
        kept["said by the host"] = _last_lines(said, _LOG_LINES)
    if not wedged:
        _screenshot(item, vm, kept)
        _dmesg(vm, kept)
    kept["states"] = vm.history_text()


def _screenshot(item: pytest.Item, vm: ManagedVm, kept: dict[str, str]) -> None:
    folder = log_folder(item.config)
    try:
        if vm.machine:
            folder.mkdir(parents=True, exist_ok=True)
            picture = vm.machine.screenshot(folder / f"{file_name(item)}.png")
            kept["screenshot"] = str(picture)
    except Exception as why:  # any reason of any machine: the failure itself counts more
        if not isinstance(why, Unfit):
            kept["no screenshot"] = f"{type(why).__name__}: {why}"


def _dmesg(vm: ManagedVm, kept: dict[str, str]) -> None:
    if not (repl := vm.prompt()):
        return
    try:
        repl.enter_raw(_ASK_S)
        kept["dmesg"] = _last_lines(repl.exec("import klog; klog.dmesg()", _ASK_S), _DMESG_LINES)
    except TargetError:
        pass  # not our firmware
    except BROKEN as why:
        kept["no dmesg"] = str(why)
        vm.crashed(why)


def _last_lines(text: str, count: int) -> str:
    lines = text.splitlines()
    shown = [line if len(line) <= _LINE else f"{line[:_LINE]} …" for line in lines[-count:]]
    return "\n".join(([f"({len(lines) - count} lines before)"] if lines[count:] else []) + shown)
