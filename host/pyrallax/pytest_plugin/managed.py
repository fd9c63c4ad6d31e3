"""The machine that tests share: off, booting, at its prompt or crashed; a way back from each."""

import os
import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from .. import remote, report
from ..repl import Repl, ReplError, TargetError, TargetPanic
from ..vm.attached import Attached
from ..vm.keys import Keyboard
from ..vm.machine import Machine
from ..wire import WireClosed

_TAKE_IN_S = 0.5
_NEXT_S = 0.02  # QEMU sends what did not fit once there is room
_RESET_S = 60.0  # a machine that somebody else runs: from its reset to the prompt
# What a machine that is gone, or does not follow, raises.
BROKEN = (ReplError, TargetPanic, WireClosed, TimeoutError)


class State(StrEnum):
    """What is known of the machine."""

    OFF = "off"
    BOOTING = "booting"
    PROMPT = "prompt"
    CRASHED = "crashed"


class ManagedVm:
    """make(n): the n-th machine, not started; made: how many there were before.

    machine: the one that runs, or None.  boots: one dict for each time that it came to its prompt:
    name, kind, log, host_s (from start or reset) and stages [[name, µs], …].
    """

    def __init__(self, make: Callable[[int], Machine], made: int = 0):
        self._make = make
        self.made = made
        self._repl: Repl | None = None
        self._state = State.OFF
        self._marked = 0  # entries of the history before this test
        self._since: list[tuple[Path, int]] = []  # serial logs of this test, and where it begins
        self._known: dict[str, Any] = {}  # of this boot
        self.machine: Machine | None = None
        self.history: list[tuple[float, State, str]] = []  # time.time(), new state, why
        self.boots: list[dict] = []

    # ---- states

    @property
    def state(self) -> State:
        """off, booting, prompt or crashed."""
        if self._state is State.PROMPT and self._repl and self._repl.panic:
            self._to(State.CRASHED, str(self._repl.panic).splitlines()[0])
        return self._state

    def _to(self, state: State, why: str = "") -> None:
        self._state = state
        self.history.append((time.time(), state, why))

    def repl(self) -> Repl:
        """The prompt of a machine that is up: starts one, or a fresh one after a crash.

        Raises Unfit, and what Machine.repl raises; the machine then counts as crashed.
        """
        self.take_in()
        if self.state is State.CRASHED:
            self.off(f"it crashed: {self.history[-1][2]}")
        if self.state is State.OFF:
            self._boot()
        assert self._repl
        return self._repl

    def clean_repl(self) -> Repl:
        """The prompt after a soft reset; on a fresh machine where the old one gives none."""
        try:
            repl = self.repl()
            repl.enter_raw()
            repl.soft_reset()
            return repl
        except BROKEN as why:
            self.crashed(self.evidence() or why)
        repl = self.repl()
        repl.soft_reset()
        return repl

    def _boot(self) -> None:
        self.made += 1
        machine = self._make(self.made)
        again = self.made > 1 and isinstance(machine, Attached)
        self._to(State.BOOTING)
        start = time.monotonic()
        try:
            self.machine = machine.start()
            self._since.append((machine.log_path, 0))
            if again:
                self._reset_attached(machine)
            self._repl = machine.repl()
        except BaseException as why:
            self._to(State.CRASHED, str(why))
            raise
        self._to(State.PROMPT)
        self.boots.append(self._describe(time.monotonic() - start))

    def _reset_attached(self, machine: Machine) -> None:
        """The nearest to a fresh machine: it resets itself, also from its post-mortem prompt."""
        try:
            machine.reset()
        except BROKEN:
            return  # repl() tries to interrupt what runs
        machine.prompt_s = _RESET_S

    def _describe(self, seconds: float) -> dict:
        assert self.machine and self._repl
        try:
            stages = self._repl.eval("__import__('boot').timeline()", 10)
        except (TargetError, ValueError):
            stages = []  # not our firmware
        machine = self.machine
        return {
            "name": machine.name,
            "kind": machine.kind,
            "log": str(machine.log_path),
            "host_s": round(seconds, 3),
            "stages": [[name, us] for name, us in stages],
        }

    def crashed(self, why: object) -> None:
        """Take note that the machine is of no more use: the next repl() is of a fresh one."""
        if self._state in (State.BOOTING, State.PROMPT):
            self._to(State.CRASHED, str(why).splitlines()[0] if str(why) else type(why).__name__)

    def off(self, why: str = "") -> None:
        """Switch it off and take back what was made for it.  Harmless twice."""
        machine, self.machine, self._repl = self.machine, None, None
        self._known.clear()
        if machine:
            machine.close()
        if self._state is not State.OFF:
            self._to(State.OFF, why)

    def evidence(self) -> str:
        """What the host knows against the machine itself; "" for nothing."""
        return self.machine.evidence() if self.machine else ""

    def prompt(self) -> Repl | None:
        """The prompt if the machine is there; starts nothing."""
        return self._repl if self.state is State.PROMPT else None

    def take_boots(self) -> list[dict]:
        """The boots since it was asked last."""
        boots, self.boots = self.boots, []
        return boots

    def history_text(self) -> str:
        """The last changes of its state, a line each."""
        return "\n".join(
            f"{time.strftime('%H:%M:%S', time.localtime(when))} {state}{why and f': {why}'}"
            for when, state, why in self.history[-10:]
        )

    def replaced(self) -> str:
        """Why a test got another machine than the one before it, "" when it did not."""
        return "; ".join(
            why for _, state, why in self.history[self._marked :] if state is State.OFF and why
        )

    # ---- use

    def run(
        self,
        function: Callable | str,
        *arguments: Any,
        timeout: float | None = None,
        **keywords: Any,
    ) -> Any:
        """Run a function of the test's file on the target; its value.  As pyrallax.remote.run."""
        __tracebackhide__ = True
        return remote.run(
            self.repl(), function, arguments=arguments, keywords=keywords, timeout=timeout
        )

    def reset(self) -> Repl:
        """Press the reset button and wait for the prompt.  Raises Unfit, ReplError, WireClosed."""
        self.repl()
        assert self.machine
        self._known.clear()
        self._to(State.BOOTING, "reset")
        start = time.monotonic()
        try:
            self.machine.reset()
            self.machine.prompt_s = max(self.machine.prompt_s, _RESET_S)
            self._repl = self.machine.repl()
        except BROKEN as why:
            self.crashed(why)
            raise
        self._to(State.PROMPT)
        self.boots.append(self._describe(time.monotonic() - start))
        return self._repl

    def screenshot(self, path: Path) -> Path:
        """A picture (PNG) of its screen.  Raises Unfit where there is none."""
        self.repl()
        assert self.machine
        return self.machine.screenshot(path)

    @property
    def keyboard(self) -> Keyboard:
        """Its keys.  Raises Unfit where the host has no way to them."""
        self.repl()
        assert self.machine
        return self.machine.keyboard

    def hwreport(self) -> Mapping[str, Any]:
        """Its hardware report, made once per boot.  Raises TargetError, report.BadReport."""
        repl = self.repl()
        if "hwreport" not in self._known:
            self._known["hwreport"] = report.parse(report.fetch(repl))
        return self._known["hwreport"]

    def ask(self, program: str) -> str:
        """What a program prints at its prompt, asked once per boot."""
        repl = self.repl()
        if program not in self._known:
            self._known[program] = repl.exec(program)
        return self._known[program]

    # ---- the serial log

    def mark(self) -> None:
        """The log of a test begins here."""
        self.take_in()
        self._marked = len(self.history)
        if not self.machine:
            self._since = []
            return
        path = self.machine.log_path
        self._since = [(path, path.stat().st_size)]

    def take_in(self) -> None:
        """Log what has arrived and nobody has read; it stays to be read."""
        wire = self.machine.wire if self.machine else None
        if not wire or wire.fd < 0:
            return
        taken = b""
        deadline = time.monotonic() + _TAKE_IN_S  # it may never cease
        try:
            while time.monotonic() < deadline and (more := wire.read(_NEXT_S if taken else 0)):
                taken += more
        except WireClosed as why:
            self.crashed(why)
        wire.unread(taken)

    def log(self, last: int | None = None) -> str:
        """Both directions since mark(), as in the file: seconds, `<` or `>`, bytes.

        last: so many bytes of each machine's log are enough.
        """
        self.take_in()
        parts = []
        for path, offset in self._since:
            with path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(offset if last is None else max(offset, size - last))
                parts.append(file.read().decode("ascii", "replace"))
        return "".join(parts)
