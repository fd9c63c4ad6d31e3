"""Machines that run upstream tests: served on a PTY, with run-tests.py as the judge."""

import difflib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from plan import Group

from pyrallax.repl import ReplError, TargetError
from pyrallax.vm.config import Config, Unfit
from pyrallax.vm.pty import Bridge
from pyrallax.vm.qemu import Vm
from pyrallax.wire import WireClosed

_VERDICTS = {"pass": "passed", "skip": "skipped", "FAIL": "failed"}
_IN_A_ROW = 3  # so many failures: the machine may be gone, go on with a fresh one
_VERDICT_S = 60  # run-tests.py itself may wait for a silent machine for ever
_DETAIL_LINES = 40
# Tests that fill the heap need a second per 10 MiB of it.
CONFIG = Config(append="heap=32m")


@dataclass
class Verdict:
    """passed, skipped or failed, and for the last why."""

    outcome: str
    detail: str = ""


Report = Callable[[str, Verdict], None]


class Lane:
    """Runs groups on machines of its own.  results: an empty folder; report: called per test."""

    def __init__(self, source: Path, results: Path, report: Report):
        self._tests = source / "tests"
        self._results = results
        self._report = report

    def run(self, name: str, group: Group) -> None:
        """Run a group; a test that got no verdict is reported as failed."""
        left = list(group.tests)
        attempt = 0
        while left:
            why = self._on_fresh_machine(f"{name}.{attempt}", group, left)
            if left and why:
                self._report(left.pop(0), Verdict("failed", why))
            attempt += 1

    def _on_fresh_machine(self, name: str, group: Group, left: list[str]) -> str:
        """Run what is left of a group; why the first of the rest ended the machine, or empty."""
        try:
            with Vm(CONFIG, name=name) as vm:
                self._prepare(vm, group)
                with _Served(vm) as path:
                    return self._judge(path, left)
        except Unfit as why:
            return str(why)
        except (ReplError, TargetError, WireClosed, TimeoutError) as why:
            return f"{why} (serial log: {vm.log_path})"

    def _prepare(self, vm: Vm, group: Group) -> None:
        """Give the target its files, and a boot.py that makes the folder current."""
        repl = vm.repl()
        folders = {"tests", f"tests/{group.folder}"}
        for name in group.files:
            folders |= {parent.as_posix() for parent in Path("tests", name).parents}
        repl.exec(
            "import os\n"
            f"for _f in {sorted(folders - {'.'})!r}:\n"
            " try: os.mkdir('/ram/' + _f)\n"
            " except OSError: pass"
        )
        for name in group.files:
            repl.put(f"/ram/tests/{name}", (self._tests / name).read_bytes())
        boot = f"import os\nos.chdir('/ram/tests/{group.folder}')\ndel os\n"
        repl.put("/ram/boot.py", boot.encode())
        repl.soft_reset()
        repl.exit_raw()
        repl.wait_prompt()

    def _judge(self, path: str, left: list[str]) -> str:
        argv = [sys.executable, "-u", "run-tests.py", "-t", f"port:{path}"]
        process = subprocess.Popen(
            [*argv, "--result-dir", str(self._results), *left],
            cwd=self._tests,
            env=dict(os.environ, MICROPY_CPYTHON3=sys.executable),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="backslashreplace",
        )
        said: list[str] = []
        failures = 0
        assert process.stdout
        watchdog = _Watchdog(process)
        try:
            for line in process.stdout:
                watchdog.feed()
                said.append(line)
                word, _, rest = line.partition(" ")
                test = rest.split(" (")[0].strip()
                if word not in _VERDICTS or test not in left:
                    continue
                left.remove(test)
                detail = self._difference(test) if word == "FAIL" else ""
                self._report(test, Verdict(_VERDICTS[word], detail))
                failures = failures + 1 if word == "FAIL" else 0
                if failures == _IN_A_ROW:
                    return ""
        finally:
            watchdog.stop()
            process.kill()
            process.wait()
            process.stdout.close()
        late = f"no verdict within {_VERDICT_S} s" if watchdog.bitten else "it broke the machine"
        return f"{late}; run-tests.py said last: " + "".join(said[-5:])

    def _difference(self, test: str) -> str:
        base = self._results / test.replace("/", "_")
        expected, got = base.with_name(base.name + ".exp"), base.with_name(base.name + ".out")
        deadline = time.monotonic() + 1.0
        while not got.is_file() and time.monotonic() < deadline:
            time.sleep(0.02)  # run-tests.py writes them after its line
        time.sleep(0.05)
        lines = [
            path.read_text(errors="backslashreplace").splitlines() if path.is_file() else []
            for path in (expected, got)
        ]
        found = difflib.unified_diff(*lines, "expected", "target", lineterm="", n=2)
        return "\n".join(list(found)[:_DETAIL_LINES])


class _Watchdog:
    """Kills a process that has not been fed for _VERDICT_S seconds."""

    def __init__(self, process: subprocess.Popen):
        self.bitten = False
        self._process = process
        self._fed = time.monotonic()
        self._stop = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while not self._stop.wait(1):
            if time.monotonic() - self._fed > _VERDICT_S:
                self.bitten = True
                self._process.kill()
                return

    def feed(self) -> None:
        self._fed = time.monotonic()

    def stop(self) -> None:
        self._stop.set()


class _Served:
    """A machine behind a PTY, carried by a thread; the context is the PTY's path."""

    def __init__(self, vm: Vm):
        self._bridge = Bridge(vm.wire)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self) -> None:
        try:
            self._bridge.run(self._stop.is_set)
        except (WireClosed, OSError):
            pass  # the closed PTY ends run-tests.py
        finally:
            self._bridge.close()

    def __enter__(self) -> str:
        self._thread.start()
        return self._bridge.path

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
