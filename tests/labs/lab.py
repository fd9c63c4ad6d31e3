"""A lab on the loopback interface: labgrid's own coordinator, our exporter, labgrid-client."""

import os
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from pyrallax import ROOT

EXAMPLES = ROOT / "docs" / "labs"
BIN = Path(sys.executable).parent
POWER = ("-c", str(EXAMPLES / "lab.yaml"), "power")
_UP_S = 60.0


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Lab:
    """folder: for logs and the coordinator's state.  offers: the exporter's configuration."""

    def __init__(self, folder: Path, offers: Path):
        self.folder = folder
        self.address = f"127.0.0.1:{_free_port()}"
        self._processes: list[subprocess.Popen] = []
        coordinator = [BIN / "labgrid-coordinator", "-l", self.address]
        try:
            self._run("coordinator", coordinator, "Coordinator ready")
            self.exporter = self.offer(offers)
        except BaseException:
            self.close()
            raise

    def offer(self, offers: Path, name: str = "mac1", *words: str) -> subprocess.Popen:
        """An exporter of this name."""
        argv = [sys.executable, "-m", "pyrallax.labgrid.exporter", "-c", self.address]
        argv += ["-n", name, "--hostname", "127.0.0.1", *words, str(offers)]
        return self._run(f"exporter-{name}", argv, "Exporter ready")

    def environment(self, place: str = "", user: str = "tester") -> dict[str, str]:
        """Of a client at this lab."""
        chosen = {"LG_COORDINATOR": self.address, "LG_USERNAME": user, "LG_HOSTNAME": "here"}
        path = {"PYTHONPATH": str(ROOT / "host")}
        return {**os.environ, **path, **chosen, **({"LG_PLACE": place} if place else {})}

    def _run(self, name: str, argv: list, up: str) -> subprocess.Popen:
        log = self.folder / f"{name}.log"
        with log.open("w") as out:
            process = subprocess.Popen(
                argv,
                cwd=self.folder,
                env={**self.environment(), "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        self._processes.append(process)
        deadline = time.monotonic() + _UP_S
        while up not in log.read_text():
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        return process

    def client(self, place: str, *words: str, user: str = "tester", status: int = 0) -> str:
        """What labgrid-client says; its status has to be this."""
        done = self.tried(place, *words, user=user)
        said = done.stdout + done.stderr
        assert done.returncode == status, said
        return said

    def tried(self, place: str, *words: str, user: str = "tester") -> subprocess.CompletedProcess:
        """labgrid-client, however it ends."""
        return subprocess.run(
            [BIN / "labgrid-client", *words],
            env=self.environment(place, user),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def pytest(self, place: str, *tests: Path) -> subprocess.Popen:
        """A test run with labgrid's plugin at this place, as a user far away starts it."""
        (self.folder / "empty.ini").write_text("[pytest]\n")
        argv = [sys.executable, "-m", "pytest", "-c", self.folder / "empty.ini", "-q"]
        argv += ["-p", "no:cacheprovider", "--lg-env", EXAMPLES / "lab.yaml", *tests]
        return subprocess.Popen(
            argv,
            env=self.environment(place),
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def close(self) -> None:
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def acquired(lab, place, user="tester"):
    lab.client(place, "acquire", user=user)
    try:
        yield
    finally:
        lab.client(place, "release", user=user)


def port_of(lab, place, name="port"):
    return int(re.search(rf"'{name}': (\d+)", lab.client(place, "show"))[1])


def wait_closed(port):
    deadline = time.monotonic() + 60
    with pytest.raises(OSError):
        while time.monotonic() < deadline:
            socket.create_connection(("127.0.0.1", port), 1).close()
            time.sleep(0.1)
