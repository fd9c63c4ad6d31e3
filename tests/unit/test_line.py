"""Lines by path and URL, and the machine that is only a line."""

import os
import socket
import threading
import tty
from pathlib import Path

import pytest
import serial
import serial.rfc2217
from fake_target import FakeTarget

from pyrallax.line import open_line
from pyrallax.vm.attached import Attached
from pyrallax.vm.config import Unfit
from pyrallax.wire import WireClosed, received

pytestmark = pytest.mark.host


def _pump(a: socket.socket, b: socket.socket) -> None:
    try:
        while data := a.recv(4096):
            b.sendall(data)
        b.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def _serve(listener: socket.socket) -> FakeTarget:
    """A fake target behind the first connection."""
    target = FakeTarget()

    def carry() -> None:
        line, _ = listener.accept()
        inner = socket.socket(fileno=target.fd)
        threading.Thread(target=_pump, args=(inner, line), daemon=True).start()
        _pump(line, inner)

    threading.Thread(target=carry, daemon=True).start()
    return target


@pytest.fixture(params=["tcp", "unix"])
def listening(request, tmp_path):
    family = socket.AF_UNIX if request.param == "unix" else socket.AF_INET
    with socket.socket(family) as listener:
        listener.bind(str(tmp_path / "s") if request.param == "unix" else ("127.0.0.1", 0))
        listener.listen()
        _serve(listener)
        if request.param == "unix":
            yield tmp_path / "s"
        else:
            yield f"socket://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def pty():
    """A fake target behind a PTY."""
    master, slave = os.openpty()
    tty.setraw(slave)
    target = FakeTarget()
    inner = socket.socket(fileno=target.fd)

    def out() -> None:
        while data := inner.recv(4096):
            os.write(master, data)

    def back() -> None:
        try:
            while data := os.read(master, 4096):
                inner.sendall(data)
        except OSError:
            pass

    for carry in (out, back):
        threading.Thread(target=carry, daemon=True).start()
    yield os.ttyname(slave)
    os.close(slave)


def _use(where) -> None:
    with Attached(where) as machine:
        repl = machine.repl()
        repl.exec("x = 6")
        assert repl.eval("x * 7") == 42
        assert machine.evidence() == ""
        log = machine.log_path.read_text()
    assert machine.evidence() == "the line is closed" and b"42" in received(log)
    machine.close()


def test_a_machine_by_a_socket(listening):
    _use(listening)


def test_a_machine_by_a_pty(pty):
    _use(pty)


def test_a_machine_by_a_url_of_pyserial(pty):
    _use(f"spy://{pty}?file={os.devnull}")


@pytest.mark.parametrize(
    "where, reason",
    [
        ("no/such/tty", "No such file"),
        ("socket://127.0.0.1:1", "refused"),
        ("socket://nowhere", "HOST:PORT"),
        ("nothing://here", "nothing"),
    ],
)
def test_a_line_that_is_not_there(where, reason):
    with pytest.raises(Unfit, match=reason):
        open_line(where)


def test_a_line_that_ends():
    listener = socket.create_server(("127.0.0.1", 0))
    with Attached(f"socket://127.0.0.1:{listener.getsockname()[1]}") as machine:
        listener.accept()[0].close()
        listener.close()
        with pytest.raises(WireClosed):
            while True:
                machine.wire.read(5)
        assert "closed" in machine.evidence()


def _rfc2217(listener: socket.socket, gone: threading.Event) -> None:
    """A port server that greets its first client and ends."""
    line, _ = listener.accept()
    port = serial.serial_for_url("loop://")
    manager = serial.rfc2217.PortManager(port, line.makefile("wb", buffering=0))
    line.settimeout(0.1)
    while not gone.is_set():
        try:
            line.sendall(b"".join(manager.filter(line.recv(4096))))  # back as it came
        except TimeoutError:
            pass
    line.shutdown(socket.SHUT_RDWR)
    line.close()


@pytest.mark.filterwarnings("ignore::DeprecationWarning:serial")
def test_a_line_of_pyserial_that_ends():
    gone = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_rfc2217, args=(listener, gone), daemon=True).start()
        with Attached(f"rfc2217://127.0.0.1:{listener.getsockname()[1]}") as machine:
            machine.wire.write(b"x")
            assert machine.wire.read(5) == b"x"
            gone.set()
            with pytest.raises(WireClosed):
                machine.wire.read(5)
            assert "closed" in machine.evidence()


def exchange(wire, send, receive):
    """A byte that a tty would change, both ways."""
    wire.write(b"\r\x03")
    assert receive(10) == b"\r\x03"
    send(b"\x04\r\n")
    assert wire.read(5) == b"\x04\r\n"


def test_a_pty():
    ours, theirs = os.openpty()
    wire = open_line(Path(os.ttyname(theirs)))
    try:
        exchange(wire, lambda data: os.write(ours, data), lambda n: os.read(ours, n))
    finally:
        wire.close()
        os.close(ours)
        os.close(theirs)


def test_a_socket(tmp_path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "serial"))
        server.listen()
        wire = open_line(tmp_path / "serial")
        try:
            with server.accept()[0] as peer:
                exchange(wire, peer.sendall, peer.recv)
        finally:
            wire.close()


def test_what_is_no_line(tmp_path):
    """A file keeps what it has."""
    log = tmp_path / "a log"
    log.write_text("kept")
    gone = tmp_path / "gone"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(gone))  # nobody listens
    for path, words in ((log, "no serial line"), (tmp_path, "no serial line")):
        with pytest.raises(Unfit, match=words):
            open_line(path)
    for path in (tmp_path / "none", gone):
        with pytest.raises(Unfit, match=r"(No such file|refused)"):
            open_line(path)
    assert log.read_text() == "kept"
