"""pyrallax usb-capture's talk with a target: what it fetches, and that it always stops."""

import sys
import types

import pytest
from fake_target import FakeTarget

from pyrallax import usbcapture
from pyrallax.repl import Repl, TargetError
from pyrallax.wire import Log, Wire

pytestmark = [pytest.mark.usb, pytest.mark.host]

_FILE = bytes(range(256)) * 300


@pytest.fixture
def target(tmp_path, monkeypatch):
    """(Repl, calls): a target whose module usb writes down what is done."""
    calls = []
    fake = types.ModuleType("usb")
    capture = types.SimpleNamespace(
        stop=lambda: calls.append("stop"), bytes=lambda: memoryview(_FILE)
    )

    def start(size, snap):
        calls.append((size, snap))
        return capture

    fake.capture = start
    fake.probe = lambda: calls.append("probe")
    fake.release = lambda: calls.append("release")
    monkeypatch.setitem(sys.modules, "usb", fake)
    wire = Wire(FakeTarget().fd, Log(tmp_path / "serial.log"))
    yield Repl(wire, timeout=5), calls, fake
    wire.close()


@pytest.mark.parametrize("anew", [False, True])
def test_what_was_recorded_is_fetched(target, anew):
    repl, calls, _ = target
    waited = []
    data, said = usbcapture.record(repl, lambda: waited.append(list(calls)), 9999, 64, anew)
    assert data == _FILE and "namespace" in said
    assert waited == [["release"] * anew + [(9999, 64), "probe"]]
    assert calls[-1] == "stop" and calls.count("stop") == 1


def test_ctrl_c_ends_it(target):
    repl, calls, _ = target

    def wait():
        raise KeyboardInterrupt

    assert usbcapture.record(repl, wait)[0] == _FILE and calls[-1] == "stop"


def test_code_that_fails_leaves_nothing_recording(target):
    repl, calls, _ = target
    with pytest.raises(TargetError, match="ZeroDivisionError"):
        usbcapture.record(repl, lambda: repl.exec("1 / 0"))
    assert calls[-1] == "stop"


def test_neither_does_a_start_that_fails(target):
    repl, calls, fake = target

    def fails():
        raise OSError(5)

    fake.probe = fails
    with pytest.raises(TargetError, match="OSError"):
        usbcapture.record(repl, pytest.fail)
    assert calls[-1] == "stop"
