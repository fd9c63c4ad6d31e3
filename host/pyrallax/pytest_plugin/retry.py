"""A machine that is itself at fault: the test gets a second one, then it is an error."""

import pytest
from _pytest.runner import runtestprotocol

from . import hold
from .fixtures import VM, uses_vm
from .managed import ManagedVm

RETRIED = "retried on a fresh machine"
_WEDGED = pytest.StashKey[str]()  # on an item: what the host knows against its machine
_FIRST = pytest.StashKey[str]()  # on an item that is run again: the same of the first machine


def note(item: pytest.Item, vm: ManagedVm) -> str:
    """Ask for evidence after a failure; "" when the machine is not to blame."""
    if _WEDGED not in item.stash and (why := vm.evidence()):
        item.stash[_WEDGED] = why
        vm.crashed(why)
    return item.stash.get(_WEDGED, "")


def of_first_machine(item: pytest.Item) -> dict[str, str]:
    """What a test that runs on its second machine has to tell of the first."""
    first = item.stash.get(_FIRST, "")
    return {RETRIED: first} if first else {}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    if not uses_vm(item):
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    given = list(item.user_properties)
    reports = runtestprotocol(item, log=False, nextitem=nextitem)
    if first := _replaced(item):
        item.stash[_FIRST] = first
        item.user_properties = given
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
        if second := _replaced(item):
            reports = _as_error(reports, first, second)
        del item.stash[_FIRST]
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def _replaced(item: pytest.Item) -> str:
    """Get rid of a machine that was at fault; why, or ""."""
    why = item.stash.get(_WEDGED, "")
    if why:
        del item.stash[_WEDGED]
        if vm := item.config.stash.get(VM, None):
            vm.off(why)
        hold.drop(item.config, why)  # where it was the last test
    return why


def _as_error(
    reports: list[pytest.TestReport], first: str, second: str
) -> list[pytest.TestReport]:
    """The reports with what failed by the machine's fault as an error before the test."""
    failed = next((report for report in reports if report.failed), None)
    if not failed:
        return reports  # an expected failure (xfail): the outcome counts, whatever its cause
    if failed.when == "call":
        failed.when = "setup"  # what every reporter counts as an error
        reports = [report for report in reports if report is failed or report.when == "teardown"]
    failed.sections.insert(0, ("the test", failed.longreprtext))  # it may have failed by itself
    failed.longrepr = f"environment: {second}\nSo it was on the first machine: {first}"
    return reports
