"""A machine's serial line in Parallels: socket, file, while it starts."""

import pytest
from fake_prl.machines import nothing_left

from pyrallax.vm.config import Unfit
from pyrallax.vm.prl import serial

pytestmark = pytest.mark.host


def test_help_without_a_socket_falls_back_to_the_file(prl, vm, said):
    prl.inject(no_socket=True)
    prl.help_is(set="--efi-boot <on|off>\n  --device-add serial {--device <n> | --output <f>}")
    with vm:
        assert vm.wait_for(b"MicroPython fake", 60) and not vm.input
        row = prl.vms()[vm.name]
        assert row["devices"]["serial0"]["output"].endswith("serial.txt")
        vm.wire.write(b"nobody reads this")
        assert vm.evidence() == ""
    assert len(said) == 1 and "output only" in said[0]
    assert nothing_left(prl)


def test_a_socket_that_help_names_and_set_refuses(prl, vm, said):
    prl.inject(no_socket=True)
    with vm:
        assert not vm.input
    assert "did not take --device-add serial --socket" in said[0] and "output only" in said[1]


def test_no_socket_when_one_was_asked_for(prl, vm):
    prl.inject(no_socket=True)
    vm.config.line = "socket"
    with pytest.raises(Unfit, match="leave out --line socket"):
        vm.start()
    assert nothing_left(prl)


def test_the_line_is_connected_while_start_still_runs(prl, vm, monkeypatch):
    """What is said to nobody is lost.  This start ends when somebody is connected, not before."""
    prl.inject(slow_start=True)
    still_starting, connect = [], serial.connect

    def connected(*words):
        wire = connect(*words)
        still_starting.append(vm._starting.poll() is None)
        return wire

    monkeypatch.setattr(serial, "connect", connected)
    with vm:
        vm.wait_for(b"[shim] start", 60)
    assert still_starting == [True]


@pytest.mark.parametrize("line", ["socket", "file"])
def test_what_it_says_while_start_runs_is_not_lost(prl, vm, line):
    """This start ends when the machine has said more than a socket holds."""
    vm.config.line = line
    prl.inject(slow_start=True, chatter=2 << 20)
    with vm:
        got = vm.wait_for(b"MicroPython fake", 20)
    assert got.count(b"~") == 2 << 20 and b"[shim] start" in got
