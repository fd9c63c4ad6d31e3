# Made by `inv stubs` from frozen/blk/ahci_errors.py: do not edit.
"""Recovery of a port: stop, clear, reset link and controller, retry, give up (AHCI 1.3.1 §6.2).

One way for all errors: what was under way is taken back and done again one command at a time, not
queued.  So a failing command of 32 queued ones is found without trusting the error log.
"""

from _typeshed import Incomplete

DONE: int
LATE: int

def cause(causes: Incomplete, tfd: Incomplete, late: Incomplete) -> str:
    """Why a command failed, in words for the log."""

def tries(causes: Incomplete, tfd: Incomplete, retries: Incomplete) -> Incomplete:
    """How often more a command that failed so is worth it."""

class Recovery:
    """port: ahcicmd.Port.  link: its Link.  log(level, text), as klog.log.

    same(): whether the device is still the one that it was.  gone(): called once it is not.
    reset(): reset the controller and prepare its ports, for when a reset of the link is not
    enough; raises OSError.
    read_log(): read the NCQ error log, which ends the device's error state.
    retries: how often a command that failed is done again before its caller hears of it.
    """

    retries: int
    ncq_errors: int
    atapi: bool
    def __init__(
        self,
        name: Incomplete,
        port: Incomplete,
        link: Incomplete,
        log: Incomplete,
        same: Incomplete,
        gone: Incomplete,
        reset: Incomplete,
        read_log: Incomplete | None = None,
        retries: int = 2,
    ) -> None: ...
    def attend(self, port: Incomplete, doing: str = "idle") -> None:
        """Mend the port; every command under way has a result then.  Raises KeyboardInterrupt.

        doing: for the log; None: an error of what is no read or write is not logged.
        """
