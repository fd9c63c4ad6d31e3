"""A machine's prompt for a command, or all that is known about why there is none."""

import sys

from .buildid import other_build
from .repl import Repl, ReplError, ReplTimeout, TargetError
from .stages import Stages
from .vm.config import Unfit
from .vm.machine import Machine
from .vm.open import ATTACHED
from .wire import received


def prompt(vm: Machine, timeout: float = 30.0) -> Repl:
    """A client in the raw REPL.  Raises Unfit when no prompt comes, TargetPanic, WireClosed.

    Says on stderr when a machine that somebody else started runs another build than ours.
    """
    try:
        repl = vm.repl(timeout)
    except ReplTimeout:
        raise Unfit(no_prompt(vm, timeout)) from None
    if vm.kind in ATTACHED and (warning := _other_build(repl)):
        print(f"pyrallax: {warning}", file=sys.stderr)
    return repl


def _other_build(repl: Repl) -> str:
    try:
        return other_build(str(repl.eval("__import__('boot').build_id()")))
    except (ReplError, TargetError, ValueError):
        return ""  # no firmware of ours; what comes next will tell


def no_prompt(vm: Machine, timeout: float) -> str:
    """What happened in place of a prompt, the last lines of the log, what to do."""
    stages = Stages()
    stages.feed(received(vm.log_path.read_text()) if vm.log_path.is_file() else b"")
    waited = f"no prompt in {timeout + vm.prompt_s:.0f} s"
    if why := vm.evidence():
        what = f"{waited}: {why}"
    elif stages.failure:
        what = f"the boot failed: {stages.failure}"
    elif stages.reached:
        what = f"{waited}, after {stages.reached[-1][0]}"
    elif vm.kind in ATTACHED:
        what = (
            f"{waited}, not one byte: is the machine on, is that its line (115200 baud), and does"
            " no other program read it?"
        )
    else:
        what = f"{waited}, not one byte: is the image whole (`inv build`)?"
    last = "".join(f"\n  {line}" for line in stages.last_lines())
    return f"{what} (serial log: {vm.log_path}){last and '; last came' + last}"
