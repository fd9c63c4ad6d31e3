"""--keep-vm: when the run is over the machine stays, until Ctrl-C."""

import pytest

from ..vm.attached import Attached
from ..vm.pty import Bridge
from ..wire import WireClosed
from .managed import ManagedVm

_HELD = pytest.StashKey[ManagedVm]()


def later(config: pytest.Config, vm: ManagedVm) -> None:
    """Hold this one at the end of the run."""
    config.stash[_HELD] = vm


def drop(config: pytest.Config, why: str) -> None:
    """Hold none: switch off the one that would be."""
    if vm := config.stash.get(_HELD, None):
        vm.off(why)
        del config.stash[_HELD]


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    vm = config.stash.get(_HELD, None)
    if not vm or not vm.machine:
        return
    try:
        if not isinstance(vm.machine, Attached):  # that one stays anyway, on its own line
            _serve(vm, config)
    finally:
        vm.off("end of the run")


def _serve(vm: ManagedVm, config: pytest.Config) -> None:
    assert vm.machine and vm.machine.wire
    out = config.get_terminal_writer()
    bridge = Bridge(vm.machine.wire)
    try:
        vm.machine.wire.write(b"\r\x02")  # friendly, for whoever comes
        out.line(f"pyrallax: the machine is kept at {bridge.path}; Ctrl-C ends it")
        out.flush()
        bridge.run()
    except (WireClosed, TimeoutError) as why:
        out.line(f"pyrallax: {why}")
    except KeyboardInterrupt:
        pass
    finally:
        bridge.close()
