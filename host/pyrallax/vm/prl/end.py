"""The end of machines that we made: stop, delete, forget; and of those that dead runs left."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from ..config import Unfit
from . import mac
from .ctl import Listed, Prlctl, PrlError, one_line
from .record import Entry, Record

_STOP_S = 30.0  # `stop --kill` to stopped; after that it is stuck
_LOOK_S = 0.2


def clean_left_over(prlctl: Prlctl, record: Record, say: Callable[[str], None]) -> None:
    """Delete what runs that died have left, by the record alone."""
    for entry in record.left_over():
        say(f"deleting {entry.name}, which a run that died has left")
        delete(prlctl, record, entry, say)


def delete(prlctl: Prlctl, record: Record, entry: Entry, say: Callable[[str], None]) -> bool:
    """Stop and delete a machine of the record; whether it is gone.  Never raises: it says why."""
    try:
        machine = _ours(prlctl, entry, say)
        if machine:
            _stop(prlctl, machine, say)
            done = prlctl.ask("delete", machine.uuid)
            if prlctl.find(machine.uuid):  # another run may have been first: then it is gone
                raise Unfit(one_line(f"{done.stderr}\n{done.stdout}"))
    except Unfit as why:
        say(f"{entry.name} is not deleted ({why}); the next run tries again")
        return False
    record.remove(entry)
    return True


def _ours(prlctl: Prlctl, entry: Entry, say: Callable[[str], None]) -> Listed | None:
    """The machine of this entry, None when it is gone.

    With a UUID that alone counts: somebody else's machine may have taken the name.  A run that
    died between making a machine and writing its UUID is known by a name that nobody else makes.
    """
    for machine in prlctl.machines():
        if machine.uuid == entry.uuid:
            return machine
        if not entry.uuid and machine.name == entry.name:
            if entry.certain():
                return machine
            say(f"{entry.name} is left alone: nothing proves that it is ours")
    return None


def _stop(prlctl: Prlctl, machine: Listed, say: Callable[[str], None]) -> None:
    """Bring it to stopped.  Raises Unfit when even the end of its own processes does not."""
    if machine.status == "stopped":
        return
    if machine.status == "suspended":  # there is no process; its state would stay
        prlctl.ask("stop", machine.uuid, "--drop-state")
        return
    home = prlctl.details(machine.uuid).get("Home")
    try:
        prlctl.run("stop", machine.uuid, "--kill", timeout=_STOP_S)
    except PrlError as why:
        say(f"{machine.name}: {why}")
    if _is_stopped(prlctl, machine.uuid, _STOP_S):
        return
    pids = mac.processes_of(machine.uuid, Path(home) if home else None)
    if pids:
        say(f"{machine.name} is stuck: ending its own processes {pids}")
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError as why:
            say(f"process {pid} of {machine.name}: {why.strerror}")
    if not _is_stopped(prlctl, machine.uuid, _STOP_S):
        raise Unfit(
            "it is stuck while stopping: quit Parallels Desktop, which ends prl_disp_service for"
            " all machines, and open it again"
        )


def _is_stopped(prlctl: Prlctl, uuid: str, within: float) -> bool:
    deadline = time.monotonic() + within
    while True:
        machine = prlctl.find(uuid)
        if not machine or machine.status == "stopped":
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOK_S)
