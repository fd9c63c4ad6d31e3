"""What the client tests share: a PTY with a machine behind it, the friendly prompt, mpremote."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pyrallax.repl import Repl
from pyrallax.vm.pty import Bridge
from pyrallax.wire import WireClosed


class Pty:
    """path: device; mpremote(*words): run the client on it, its output; raises on its failure."""

    def __init__(self, path: str):
        self.path = path

    def mpremote(self, *words: object, timeout: float = 60) -> bytes:
        argv = [str(Path(sys.executable).parent / "mpremote"), "connect", self.path]
        done = subprocess.run(
            [*argv, *map(str, words)],
            capture_output=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, (done.stdout[-500:], done.stderr[-2000:])
        return done.stdout


@pytest.fixture
def pty(vm):
    """A fresh machine that has reached its prompt, behind a PTY."""
    vm.repl().exit_raw()
    bridge = Bridge(vm.wire)
    stop = threading.Event()

    def serve():
        try:
            bridge.run(stop.is_set)
        except WireClosed:
            pass  # the test sees its client fail

    thread = threading.Thread(target=serve)
    thread.start()
    yield Pty(bridge.path)
    stop.set()
    thread.join()
    bridge.close()


class Prompt:
    """The friendly prompt, byte for byte."""

    def __init__(self, repl: Repl):
        self.wire = repl.wire
        self._repl = repl

    def type(self, data: bytes, timeout: float = 5) -> bytes:
        """Send bytes, return everything up to and with the next `>>> `."""
        self.wire.write(data)
        return self._repl.wait_prompt(timeout)


@pytest.fixture
def prompt(repl):
    """The shared machine at its friendly prompt."""
    repl.exit_raw()
    repl.wait_prompt()
    repl.drain()
    return Prompt(repl)
