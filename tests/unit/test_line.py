"""Lines by path and URL, and the machine that is only a line."""

import os
import socket
import threading
import tty

import pytest
from fake_target import FakeTarget

from pyrallax.line import open_line
from pyrallax.vm.attached import Attached
from pyrallax.vm.config import Unfit
from pyrallax.wire import WireClosed

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
    assert machine.evidence() == "the line is closed" and "42" in log
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
