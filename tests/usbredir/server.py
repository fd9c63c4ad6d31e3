"""A plug of QEMU's, and the thread that answers for what is in it."""

import os
import queue
import selectors
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .session import Session

_CONNECT_S = 10.0
_CALL_S = 10.0


class Server:
    """extra: QEMU's arguments for it.  device(bus): the `-device`.

    plug() and unplug() once QEMU runs; between them everything happens in a thread of its own.
    session: the one with QEMU.  What goes wrong there is raised by the next call.
    """

    def __init__(self, name: str = "redir0"):
        self.name = name
        self.session: Session | None = None
        self.failure: BaseException | None = None
        # Not tmp_path: a socket's path has 104 bytes at most.
        self._folder = Path(tempfile.mkdtemp(prefix="usbredir-"))
        self._path = str(self._folder / "s")
        path = self._path.replace(",", ",,")
        self.extra = ["-chardev", f"socket,id={name},path={path},server=on,wait=off"]
        self._calls: queue.SimpleQueue = queue.SimpleQueue()
        self._wake, self._woken = socket.socketpair()
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def device(self, bus: str) -> str:
        """`-device`: an unplugged plug of that bus."""
        return f"usb-redir,chardev={self.name},bus={bus}"

    def plug(self, device: Any) -> Any:
        """Put a scripted device in; on_vanish and notify are ours from here on."""
        self._connect()
        session = self._session()
        device.on_vanish = lambda: self._call(session.unplug)
        device.plugged(lambda endpoint: self._poke())
        self._call(lambda: session.plug(device))
        return device

    def unplug(self) -> None:
        """Take it out, saying so."""
        self._call(self._session().unplug)

    def hang_up(self) -> None:
        """Take it out with its line to QEMU, as when the redirecting program dies."""
        if self._socket:
            self._socket.shutdown(socket.SHUT_RDWR)
        self._join()

    def close(self) -> None:
        """End the thread.  Raises what went wrong in it."""
        self.hang_up()
        for end in (self._wake, self._woken):
            end.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._check()

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- between the threads

    def _session(self) -> Session:
        self._check()
        if self.session is None or self._thread is None:
            raise RuntimeError("nothing was ever plugged in, or QEMU has gone")
        return self.session

    def _check(self) -> None:
        if self.failure:
            failure, self.failure = self.failure, None
            said = "\n".join(self.session.log) if self.session else ""
            raise RuntimeError(f"usbredir: {failure}\n{said}") from failure

    def _poke(self) -> None:
        self._wake.send(b"!")

    def _call(self, what: Callable[[], None]) -> None:
        """Have it done by the thread, and wait until it is."""
        if threading.current_thread() is self._thread:
            what()
            return
        done = threading.Event()
        self._calls.put((what, done))
        self._poke()
        if not done.wait(_CALL_S):
            self._check()
            raise RuntimeError("usbredir: the thread does not answer")
        self._check()

    def _connect(self) -> None:
        if self._thread and self._thread.is_alive():
            return
        self._join()
        until = time.monotonic() + _CONNECT_S
        while True:
            end = socket.socket(socket.AF_UNIX)
            try:
                end.connect(self._path)
                break
            except OSError:
                end.close()
                if time.monotonic() > until:
                    raise
                time.sleep(0.01)
        self._socket = end
        greeted = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(end, greeted), daemon=True)
        self._thread.start()
        if not greeted.wait(_CONNECT_S):
            self._check()
            raise RuntimeError("usbredir: QEMU says no hello")

    def _join(self) -> None:
        if self._thread:
            self._thread.join(_CALL_S)
            self._thread = None
        if self._socket:
            self._socket.close()
            self._socket = None

    def _run(self, end: socket.socket, greeted: threading.Event) -> None:
        try:
            self.session = session = Session(end.sendall)
            with selectors.DefaultSelector() as selector:
                selector.register(end, selectors.EVENT_READ)
                selector.register(self._woken, selectors.EVENT_READ)
                while self._once(end, session, selector):
                    if session.codec.agreed is not None:
                        greeted.set()
        except (BrokenPipeError, ConnectionResetError):
            pass  # QEMU ended
        except BaseException as why:
            self.failure = why
        greeted.set()

    def _once(
        self, end: socket.socket, session: Session, selector: selectors.BaseSelector
    ) -> bool:
        left = session.serve() if session.device else None
        for key, _ in selector.select(left):
            data = os.read(key.fd, 1 << 16)
            if key.fileobj is end:
                if not data:
                    return False
                session.feed(data)
        while not self._calls.empty():
            what, done = self._calls.get()
            try:
                what()
            finally:
                done.set()
        return True
