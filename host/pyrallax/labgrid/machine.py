"""PyrallaxDriver, ParallelsDriver: a machine's power, console, keys and screen."""

import select
import socket
from pathlib import Path
from typing import Any

import attr
from labgrid.binding import BindingError
from labgrid.driver.common import Driver
from labgrid.driver.consoleexpectmixin import ConsoleExpectMixin
from labgrid.driver.exception import ExecutionError
from labgrid.driver.powerdriver import PowerResetMixin
from labgrid.factory import target_factory
from labgrid.protocol import ConsoleProtocol, PowerProtocol
from labgrid.step import step
from labgrid.util.proxy import proxymanager
from pexpect import TIMEOUT

from ..vm.config import Unfit
from ..vm.open import KINDS
from ..vm.served import Buttons, Served
from .resources import NetworkPyrallaxMachine

_CONNECT_S = 10.0
_CHUNK = 65536
_GONE = "who served the machine is gone: is its exporter still running?"


@target_factory.reg_driver
@attr.s(eq=False)
class PyrallaxDriver(ConsoleExpectMixin, Driver, PowerResetMixin, PowerProtocol, ConsoleProtocol):
    """A machine of the place (NetworkPyrallaxMachine); without one it makes one here.

    Each `on` starts a fresh machine and `off` ends it.

    Args:
        kind (str): of a machine made here, as `pyrallax run --machine` has it
        options (dict): fields of pyrallax.vm.config.Config, or .vm.prl.make.Parallels
    """

    bindings = {"machine": {NetworkPyrallaxMachine, None}}  # noqa: RUF012 (labgrid's word)
    kind = attr.ib(default="direct", validator=attr.validators.in_(KINDS))
    options = attr.ib(factory=dict, validator=attr.validators.instance_of(dict))
    txdelay = attr.ib(default=0.0, converter=float)
    txchunk = attr.ib(default=1, validator=attr.validators.instance_of(int))

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        self._served: Served | None = None
        self._buttons: Any = None
        self._line: Any = None
        if self.machine and self.options:
            raise BindingError(f"{self.options}: a machine of a place is as its exporter made it")

    def on_activate(self) -> None:
        """Connect the console."""
        if self.machine:
            line = proxymanager.get_host_and_port(self.machine)
            buttons = proxymanager.get_host_and_port(self.machine, force_port=self.machine.control)
        else:
            try:
                self._served = Served(self.kind, self.options)
            except Unfit as why:
                raise ExecutionError(str(why)) from None
            line = "127.0.0.1", self._served.port
            buttons = "127.0.0.1", self._served.control
        if line[1] is None:  # until the coordinator has asked the new one for it
            raise ExecutionError("its exporter was started anew: try again in some seconds")
        self._buttons = Buttons(*buttons)
        try:
            self._line = socket.create_connection(line, _CONNECT_S)
        except OSError as why:
            self._end()
            reason = why.strerror or why  # a time-out of the socket's has a text only
            raise ExecutionError(f"no console at {line[0]}:{line[1]}: {reason}") from None
        self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def on_deactivate(self) -> None:
        """Disconnect it; a machine made here ends, one of a place goes on."""
        self._line.close()
        self._end()

    def _end(self) -> None:
        served, self._served = self._served, None
        self._line = self._buttons = None
        if served:
            served.close()

    # ---- PowerProtocol, ResetProtocol

    def _press(self, name: str, *arguments: Any) -> Any:
        try:
            return getattr(self._buttons, name)(*arguments)
        except Unfit as why:
            raise ExecutionError(str(why)) from None

    @Driver.check_active
    @step()
    def on(self) -> None:
        """Start a fresh machine, where none runs.  Raises ExecutionError."""
        self._press("on")

    @Driver.check_active
    @step()
    def off(self) -> None:
        """End it."""
        self._press("off")

    @Driver.check_active
    @step()
    def cycle(self) -> None:
        """End it and start another."""
        self._press("off")
        self._press("on")

    @Driver.check_active
    @step()
    def reset(self) -> None:
        """The reset button: the same machine starts again."""
        self._press("reset")

    @Driver.check_active
    @step(result=True)
    def get(self) -> bool:
        """Whether it runs, and nothing the host knows speaks against it."""
        return self.status()["on"]

    @Driver.check_active
    def status(self) -> dict[str, Any]:
        """on, evidence; kind, name and log (a path where it runs) of a machine that is there."""
        return self._press("state")

    @Driver.check_active
    def evidence(self) -> str:
        """What the host knows against the machine; "" while nothing speaks against it."""
        return self.status()["evidence"]

    # ---- ConsoleProtocol

    def _read(self, size: int = 1, timeout: float = 0.0, max_size: int | None = None) -> bytes:
        if not select.select([self._line], [], [], timeout)[0]:
            raise TIMEOUT(f"Timeout of {timeout:.2f} seconds exceeded")
        try:
            data = self._line.recv(min(max_size or _CHUNK, _CHUNK))
        except OSError:
            data = b""
        if not data:
            raise ExecutionError(_GONE)
        return data

    def _write(self, data: bytes) -> int:
        try:
            self._line.sendall(data)
        except TimeoutError:
            raise TIMEOUT(f"the console took nothing for {_CONNECT_S:.0f} seconds") from None
        except OSError:
            raise ExecutionError(_GONE) from None
        return len(data)

    # ---- keys and screen

    @Driver.check_active
    @step(args=["text"])
    def type(self, text: str) -> None:
        """Type on the machine's keyboard.  Raises ExecutionError."""
        self._press("keys", ("type", text))

    @Driver.check_active
    @step(args=["keys"])
    def press(self, *keys: str) -> None:
        """Press and release chords, one after another: "ctrl-c", "ret"."""
        self._press("keys", *[("press", each) for each in keys])

    @Driver.check_active
    @step(args=["path"])
    def screenshot(self, path: str) -> None:
        """Write a picture (PNG) of its screen.  Raises ExecutionError where it has none."""
        Path(path).write_bytes(self._press("screen"))

    @Driver.check_active
    @step()
    def host_log(self) -> str:
        """What the program that runs the machine has said."""
        return self._press("log")


@target_factory.reg_driver
@attr.s(eq=False)
class ParallelsDriver(PyrallaxDriver):
    """One in Parallels Desktop, of the place or on this Mac."""

    kind = attr.ib(default="parallels", validator=attr.validators.in_(["parallels"]))

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.machine and self.machine.kind != self.kind:
            raise BindingError(f"the place has a machine {self.machine.kind}, none of Parallels")
