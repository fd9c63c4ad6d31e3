"""MicroPythonDriver: a machine's Python prompt as labgrid's shell, file store and bus."""

import ast
import base64
import time
from pathlib import Path
from typing import Any

import attr
from labgrid.driver import ExecutionError
from labgrid.driver.commandmixin import CommandMixin
from labgrid.driver.common import Driver
from labgrid.factory import target_factory
from labgrid.protocol import (
    CommandProtocol,
    ConsoleProtocol,
    FileTransferProtocol,
    MMIOProtocol,
)
from labgrid.step import step
from pexpect import TIMEOUT

from ..repl import Repl, ReplTimeout, TargetError
from .consolewire import ConsoleWire

_WIDTHS = (1, 2, 4, 8)
_PIECE = 16384  # bytes of registers per statement; a multiple of each width
_QUIET_S = 1.0  # a machine that has said nothing for so long is up


@target_factory.reg_driver
@attr.s(eq=False)
class MicroPythonDriver(CommandMixin, Driver, CommandProtocol, FileTransferProtocol, MMIOProtocol):
    """Drives the raw REPL over any console; ush and a running main.py are interrupted.

    A command is a piece of Python, as in a file: what it prints is its output, a traceback is its
    stderr, and 1 its status when it raised, else 0.

    Args:
        boot_timeout (float): seconds from power on to the prompt
        timeout (float): seconds that a file or a block of registers may take
    """

    bindings = {"console": ConsoleProtocol}  # noqa: RUF012 (labgrid's word)
    boot_timeout = attr.ib(default=60.0, converter=float)
    timeout = attr.ib(default=30.0, converter=float)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        self._prompted = False
        self._repl: Repl | None = None

    def _silent(self, why: ReplTimeout) -> TIMEOUT:
        """With what is known against the machine, where the console can tell."""
        evidence = getattr(self.console, "evidence", str)()
        return TIMEOUT(f"{evidence}: {why}" if evidence else str(why))

    # ---- begin and end

    def await_prompt(self) -> None:
        """Wait for the first prompt without sending anything, since UEFI reads keys, too.

        For a machine that has just been switched on, before activation.  Raises TIMEOUT.
        """
        self._prompted = False
        self._wait(Repl(ConsoleWire(self.console)), self.boot_timeout)
        self._prompted = True

    def _wait(self, repl: Repl, timeout: float) -> None:
        try:
            repl.wait_prompt(timeout, ush=True)
        except ReplTimeout as why:
            raise self._silent(why) from None

    def on_activate(self) -> None:
        """Enter the raw REPL.

        Without await_prompt() nobody knows how far the machine is: one that still says something
        is given boot_timeout to come to its prompt.
        """
        wire = ConsoleWire(self.console)
        repl = Repl(wire, self.timeout)  # type: ignore[arg-type]
        if not self._prompted:
            heard = wire.read(_QUIET_S)
            wire.unread(heard)
            if heard:
                self._wait_while_it_talks(repl)
        try:
            repl.enter_raw(self.boot_timeout)
        except ReplTimeout as why:
            raise self._silent(why) from None
        self._repl = repl

    def _wait_while_it_talks(self, repl: Repl) -> None:
        deadline = time.monotonic() + self.boot_timeout
        said = b""
        while time.monotonic() < deadline:
            more = repl.wire.read(_QUIET_S)
            said = (said + more)[-4:]
            if not more or said in (b">>> ", b"\n=> "):
                return

    def on_deactivate(self) -> None:
        """Leave the machine at its friendly prompt where it can be reached."""
        repl, self._repl, self._prompted = self._repl, None, False
        if repl:
            try:
                repl.exit_raw()
            except (OSError, ExecutionError):
                pass

    # ---- CommandProtocol

    @Driver.check_active
    @step(args=["cmd"], result=True)
    def run(
        self,
        cmd: str,
        timeout: float = 30.0,
        codec: str = "utf-8",
        decodeerrors: str = "strict",
    ) -> tuple[list[str], list[str], int]:
        """(lines of output, lines of the traceback, status).  Raises TIMEOUT, TargetPanic."""
        return self._run(cmd, timeout=timeout, codec=codec, decodeerrors=decodeerrors)

    def _run(
        self,
        cmd: str,
        *,
        timeout: float = 30.0,
        codec: str = "utf-8",
        decodeerrors: str = "strict",
    ) -> tuple[list[str], list[str], int]:
        assert self._repl
        try:
            out, err = self._repl.run(cmd, timeout)
        except ReplTimeout as why:
            raise self._silent(why) from None
        lines = [text.decode(codec, decodeerrors).splitlines() for text in (out, err)]
        return lines[0], lines[1], int(bool(err))

    @Driver.check_active
    @step(args=["expression"], result=True)
    def eval(self, expression: str) -> Any:
        """Value of an expression whose repr is a Python literal.  Raises ExecutionError."""
        (line,) = self._run_check(f"print(repr({expression}))")[-1:]
        try:
            return ast.literal_eval(line)
        except (SyntaxError, ValueError):
            raise ExecutionError(f"{expression} is {line}, which is no literal") from None

    @Driver.check_active
    @step()
    def soft_reset(self) -> None:
        """Forget all variables and modules; boot.py runs again, main.py does not."""
        assert self._repl
        self._repl.soft_reset()

    def get_status(self) -> int:
        """1 while the raw REPL is entered, else 0."""
        return int(self._repl is not None)

    # ---- FileTransferProtocol

    @Driver.check_active
    @step(args=["filename", "remotepath"])
    def put(self, filename: str, remotepath: str) -> None:
        """Copy a file to the machine.  Raises ExecutionError (its OSError)."""
        assert self._repl
        self._checked(self._repl.put, remotepath, Path(filename).read_bytes())

    @Driver.check_active
    @step(args=["filename", "destination"])
    def get(self, filename: str, destination: str) -> None:
        """Copy the machine's file `filename` to `destination`.  Raises ExecutionError."""
        assert self._repl
        Path(destination).write_bytes(self._checked(self._repl.get, filename))

    # ---- MMIOProtocol

    @Driver.check_active
    @step(args=["address", "size", "count"], result=True)
    def read(self, address: int, size: int, count: int) -> bytes:
        """count objects of size (1, 2, 4, 8) bytes, one load each, ascending; little endian.

        Raises ExecutionError where nothing answers.
        """
        self._check_size(size)
        data = b""
        while len(data) < size * count:
            length = min(_PIECE, size * count - len(data))
            data += base64.b64decode(
                self._registers(
                    address + len(data),
                    length,
                    size,
                    f"_d = bytearray({length})\n_r.readinto(0, _d)\n"
                    "print(_b.b2a_base64(_d).decode(), end='')",
                )
            )
        return data

    @Driver.check_active
    @step(args=["address", "size", "data"])
    def write(self, address: int, size: int, data: bytes) -> None:
        """Store data, one store of size (1, 2, 4, 8) bytes each, ascending; little endian.

        Raises ExecutionError where nothing answers.
        """
        self._check_size(size)
        if len(data) % size:
            raise ValueError(f"{len(data)} bytes are no multiple of {size}")
        for at in range(0, len(data), _PIECE):
            piece = data[at : at + _PIECE]
            self._registers(
                address + at,
                len(piece),
                size,
                f"_d = _b.a2b_base64({base64.b64encode(piece)!r})\n_r.writefrom(0, _d)",
            )

    def _check_size(self, size: int) -> None:
        if size not in _WIDTHS:
            raise ValueError(f"no access has {size} bytes: 1, 2, 4, 8 have")

    def _registers(self, address: int, length: int, size: int, code: str) -> str:
        assert self._repl
        begin = "import mmio as _m, binascii as _b\n"
        window = f"_r = _m.Regs({address:#x}, {length}, {size * 8})\n"
        return self._checked(self._repl.exec, f"{begin}{window}{code}\ndel _m, _b, _r, _d")

    def _checked(self, call: Any, *args: Any) -> Any:
        try:
            return call(*args)
        except TargetError as why:
            raise ExecutionError(str(why), why.stdout.splitlines(), [why.traceback]) from None
        except ReplTimeout as why:
            raise self._silent(why) from None
