# Made by `inv stubs` from frozen/usb/usbloop.py: do not edit.
"""Drives generators that wait for USB: each a Task, all of them in a Loop.

A soft interrupt may come wherever the bytecode jumps, so at each `if`: what two of them, or one
and the program, may do at once is written so that it need not be asked first.
"""

from _typeshed import Incomplete
from usbwait import Wait

class Task(Wait):
    """A generator under way; itself a Wait.  actual: what the generator returned."""

    status: Incomplete
    waiter: Incomplete | None
    name: Incomplete
    error: Incomplete | None
    due: Incomplete | None
    within: Incomplete | None
    actual: Incomplete
    def __init__(self, loop: Incomplete, generator: Incomplete, name: Incomplete) -> None: ...
    def __repr__(self) -> str: ...
    def cancel(self, why: Incomplete | None = None) -> None:
        """Raise `why` in the generator, OSError(ECANCELED) by default, once its Wait has ended."""
    def wake(self) -> None:
        """It can go on."""
    def late(self) -> None:
        """The time that it gave has passed."""
    def step(self) -> Incomplete:
        """Run the generator to where it waits; False: somebody is at it.  By the loop."""
    def in_step(self) -> bool:
        """Whether a step of it is under way."""

class Loop:
    """Drives tasks.  clock: as the module time; timer: machine.Timer or None: nothing is timed
    unless somebody is in run().  idle(): waits for an interrupt, not much longer than 1 ms."""

    clock: Incomplete
    tasks: list[Incomplete]
    polled: list[Incomplete]
    def __init__(
        self,
        clock: Incomplete = ...,
        timer: Incomplete | None = None,
        idle: Incomplete | None = None,
    ) -> None: ...
    def wake_after(self, task: Incomplete, ms: Incomplete) -> None:
        """Call the task's late() in that many ms."""
    def tick(self) -> None:
        """Wake whose time has passed."""
    def ready(self, task: Incomplete) -> None:
        """The task can go on: at once, unless that is somebody's already."""
    def start(self, generator: Incomplete, name: str = "task") -> Incomplete:
        """A Task, run to where it first waits unless the loop is busy."""
    def adopt(self, task: Incomplete) -> Incomplete:
        """Run a task that is this loop's; the task."""
    def cut(self) -> None:
        """A device has gone: nobody waits for its answers any more."""
    def run(self, generator: Incomplete, name: str = "task") -> Incomplete:
        """Run it to its end here and give what it returns.  Raises what it raises.

        Ctrl-C: what it waits for is cancelled, then KeyboardInterrupt is raised in it and here.
        """
