"""A running QEMU: its process, serial line and monitor, and a clean end whatever happens."""

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from ..wire import Wire
from .config import QEMU, Config, Unfit
from .hints import of_qemu
from .keys import Keyboard
from .machine import Machine

_QMP_S = 10.0  # for an answer of the monitor
_AT_ONCE_S = 0.05  # the usual answer
_TERM_S = 3.0  # SIGTERM to SIGKILL
_PROMPT_S = {"direct": 5.0, "uefi": 30.0}  # a slow machine's way to the prompt
_running: "weakref.WeakSet[Vm]" = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    for vm in list(_running):
        vm.close()


class Vm(Machine):
    """A virtual machine in QEMU.  process: QEMU.

    QEMU also ends when the thread that called start() does (Linux: PR_SET_PDEATHSIG).
    """

    def __init__(self, config: Config | None = None, name: str = "", copy: BinaryIO | None = None):
        super().__init__(name)
        self.config = config or Config()
        self.kind = "uefi" if self.config.machine == "uefi" else "qemu"
        self.prompt_s = _PROMPT_S.get(self.config.machine, super().prompt_s)
        self.process: subprocess.Popen | None = None
        self._copy = copy
        self._work: Path | None = None
        self._qmp: Any = None
        self._qmp_socket: socket.socket | None = None

    def start(self) -> "Vm":
        """Start QEMU.  Raises Unfit when something it needs is missing."""
        argv = self.config.arguments()
        self._work = Path(tempfile.mkdtemp(prefix="pyrallax-"))
        serial, serial_qemu = socket.socketpair()
        self._qmp_socket, qmp_qemu = socket.socketpair()
        # Connected descriptors: no path, no race with a boot that talks before anyone listens.
        for name, end in (("serial", serial_qemu), ("qmp", qmp_qemu)):
            argv += ["-chardev", f"socket,id={name},fd={end.fileno()}"]
        argv += ["-serial", "chardev:serial", "-mon", "chardev=qmp,mode=control"]
        if shutil.which("setpriv"):
            argv = ["setpriv", "--pdeathsig", "KILL", *argv]
        _running.add(self)
        try:
            with (self._work / "stderr").open("wb") as stderr:
                self.process = subprocess.Popen(
                    argv,
                    stdin=subprocess.DEVNULL,
                    stdout=stderr,
                    stderr=stderr,
                    pass_fds=[serial_qemu.fileno(), qmp_qemu.fileno()],
                    env=dict(os.environ, TMPDIR=str(self._work)),
                    start_new_session=True,  # Ctrl-C at the terminal is for the guest
                )
        except OSError as error:
            self.close()
            raise Unfit(f"{argv[0]} does not start ({error.strerror}): run `make setup`") from None
        finally:
            serial_qemu.close()
            qmp_qemu.close()
        self.log = self._open_log()
        self.wire = Wire(serial.detach(), self.log, self._copy, self._why_closed)
        return self

    def stderr(self) -> str:
        """What QEMU itself has said so far."""
        if not self._work:
            return ""
        return (self._work / "stderr").read_text(errors="replace").strip()

    def _why_closed(self) -> str:
        code = None
        if self.process:
            try:
                code = self.process.wait(1)
            except subprocess.TimeoutExpired:
                pass
        said = of_qemu(self.stderr(), QEMU)
        return f"QEMU ended with status {code}: {said or 'it said nothing'}"

    @property
    def monitor(self) -> Any:
        """QMP (qemu.qmp.legacy.QEMUMonitorProtocol), connected on first use."""
        if self._qmp is None:
            from qemu.qmp.legacy import QEMUMonitorProtocol

            assert self._qmp_socket
            self._qmp = QEMUMonitorProtocol(self._qmp_socket)
            self._qmp.settimeout(_QMP_S)
            # Only commands heed that: without an end of file a stopped QEMU holds us for ever.
            give_up = threading.Timer(_QMP_S, self._qmp_socket.shutdown, [socket.SHUT_RDWR])
            give_up.start()
            try:
                with self._listening():
                    self._qmp.connect()
            finally:
                give_up.cancel()
        return self._qmp

    def qmp(self, command: str, **arguments: Any) -> Any:
        """One monitor command; its result.  Raises qemu.qmp's errors."""
        monitor = self.monitor
        with self._listening():
            return monitor.cmd(command, **arguments)

    @contextmanager
    def _listening(self) -> Iterator[None]:
        """Take in meanwhile what the target says.

        A few hundred bytes that nobody reads fill the line (each is a packet of its own), and
        until QEMU has got rid of the next one its monitor is silent, too.
        """
        done = threading.Event()

        def listen() -> None:
            waited = done.wait(_AT_ONCE_S)
            while not waited and self.wire:
                self.wire.take_in(_AT_ONCE_S / 5)
                waited = done.is_set()

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def reset(self) -> None:
        """The reset button."""
        self.qmp("system_reset")
        self._prompted = False

    def evidence(self) -> str:
        """Why QEMU, not the guest, is at fault: it failed, or its monitor does not answer."""
        if not self.process:
            return "QEMU was not started"
        if self.process.poll() is not None:
            off = self.process.returncode == 0 and not self.stderr()  # by the guest, by PSCI
            return "" if off else self._why_closed()
        try:
            status = self.qmp("query-status")["status"]
        except Exception as error:  # whatever the monitor's library raises: it got no answer
            return f"QEMU's monitor gave no answer in {_QMP_S:g} s ({type(error).__name__})"
        if status == "io-error":
            return "QEMU stopped the machine, it cannot write to a disk: is the host's disk full?"
        return "" if status in ("running", "paused", "prelaunch") else f"the machine is {status}"

    def host_log(self) -> str:
        """What QEMU has said."""
        return self.stderr()

    def screenshot(self, path: Path) -> Path:
        """A picture of the first display device.  Raises Unfit without one."""
        from qemu.qmp import QMPError

        path.unlink(missing_ok=True)
        try:
            self.qmp("screendump", filename=str(path.absolute()), format="png")
        except QMPError as why:
            raise Unfit(
                f"no screenshot: {why} (a screen needs --display, such as ramfb)"
            ) from None
        return path

    @property
    def keyboard(self) -> Keyboard:
        """Keys to the machine's keyboard; to type on a machine without one raises Unfit."""
        return Keyboard(self._send_keys)

    def _send_keys(self, keys: list[tuple[str, bool]]) -> None:
        events = [
            {"type": "key", "data": {"down": down, "key": {"type": "qcode", "data": name}}}
            for name, down in keys
        ]
        from qemu.qmp import QMPError

        try:
            self.qmp("input-send-event", events=events)
        except QMPError as why:
            raise Unfit(f"no keys: {why} (a keyboard is a device, such as usb-kbd)") from None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for QEMU to end by itself; its status.  Raises subprocess.TimeoutExpired."""
        assert self.process
        return self.process.wait(timeout)

    def close(self) -> None:
        """End QEMU and remove its temporary files.  Harmless twice; the serial log stays."""
        _running.discard(self)
        if self._qmp is not None:
            try:
                self._qmp.close()
            except Exception as error:  # QEMU went first: nothing is left to close
                del error
            self._qmp = None
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(_TERM_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.wire and self.log:
            self.wire.close()
            self.log.close()
        if self._qmp_socket:
            self._qmp_socket.close()
        if self._work:
            self._last_stderr = self.stderr()
            shutil.rmtree(self._work, ignore_errors=True)
            self._work = None
