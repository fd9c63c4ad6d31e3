"""PyrallaxStrategy: the way from a machine that is off to its prompt, and to code on it."""

import enum

import attr
from labgrid.factory import target_factory
from labgrid.step import step
from labgrid.strategy import Strategy, StrategyError, never_retry


class Status(enum.Enum):
    """unknown: nobody has looked.  prompt: the console shows it, for people and for pexpect.
    shell: MicroPythonDriver has it.
    """

    unknown = 0
    off = 1
    prompt = 2
    shell = 3


@target_factory.reg_driver
@attr.s(eq=False)
class PyrallaxStrategy(Strategy):
    """off → prompt → shell.  From `off` on a machine is fresh: what `shell` did is gone."""

    bindings = {  # noqa: RUF012 (labgrid's word)
        "power": "PowerProtocol",
        "console": "ConsoleProtocol",
        "micropython": "MicroPythonDriver",
    }
    status = attr.ib(default=Status.unknown)

    def transition(self, status: Status | str) -> None:
        """Bring the machine there.  Raises StrategyError; after a failed way always."""
        self._transition(_known(status))

    @never_retry
    @step(args=["status"])
    def _transition(self, status: Status, *, step) -> None:
        if status is self.status:
            step.skip("nothing to do")
            return
        if status is Status.off:
            self._off()
        elif status is Status.prompt and self.status is Status.shell:
            self.target.deactivate(self.micropython)
        elif status is Status.prompt:
            self._transition(Status.off)
            self.target.activate(self.console)
            self.power.on()
            self.micropython.await_prompt()
        else:
            self._transition(Status.prompt)
            self.target.activate(self.micropython)
        self.status = status

    def force(self, status: Status | str) -> None:
        """Believe that the machine is there already; `off` is made so.  Raises StrategyError."""
        self._force(_known(status))

    @never_retry
    @step(args=["status"])
    def _force(self, status: Status) -> None:
        if status is Status.off:
            self._off()
        else:
            self.target.activate(self.power)
            self.target.activate(self.console)
            driver = self.target.activate if status is Status.shell else self.target.deactivate
            driver(self.micropython)
        self.status = status

    def _off(self) -> None:
        self.target.deactivate(self.console)
        self.target.activate(self.power)
        self.power.off()


def _known(status: Status | str) -> Status:
    known = [s.name for s in Status if s is not Status.unknown]
    name = status.name if isinstance(status, Status) else status
    if name not in known:
        raise StrategyError(f"no state {name!r}: there are {', '.join(known)}")
    return Status[name]
