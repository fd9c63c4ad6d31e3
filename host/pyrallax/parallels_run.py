"""`pyrallax run --machine parallels`: the way to a prompt that answers."""

import sys
import time

from .stages import PROMPT, Progress, Stages, follow
from .vm.config import Unfit
from .vm.machine import Machine
from .vm.parallels import ParallelsVm
from .wire import Wire, WireClosed

_ANSWER_S = 5.0


def wait_for_prompt(vm: ParallelsVm, interactive: bool) -> None:
    """Show the stages of the boot until there is a prompt that answers.

    Raises Unfit with all that is known when none comes.  A prompt without ears is told to who
    watches, and refused to a program.  A panic is left on the line for who reads next.
    """
    assert vm.wire
    print(f"pyrallax: {vm.name} runs; its serial log is {vm.log_path}", file=sys.stderr)
    try:
        stages = follow(vm.wire, vm.prompt_s, Progress())
        deaf = stages.at_prompt and not (vm.input and answers(vm.wire))
    except WireClosed as why:
        raise Unfit(f"{why}{_host_log(vm)}") from None
    if stages.panicked:
        return
    if stages.console_up and not stages.at_prompt and not stages.failure:
        vm.say("no prompt yet: a boot.py or main.py runs; Ctrl-C interrupts it")
    elif not stages.at_prompt:
        raise Unfit(_no_prompt(vm, stages))
    elif deaf and not interactive:
        gone = "" if vm.config.keep else "\n  This run ends, and its machine: --keep leaves it."
        raise Unfit(f"{_no_input(vm)}{gone}")
    elif deaf:
        vm.say(f"{_no_input(vm)}\n  What the machine says goes on to show here.")


def answers(wire: Wire) -> bool:
    """Whether the prompt reacts to a key on the serial line (reference P19).

    What is waiting to be read stays; the answer is taken away.
    """
    waiting = wire.read(0)
    wire.write(b"\r")
    deadline = time.monotonic() + _ANSWER_S
    got = b""
    while PROMPT not in got and (left := deadline - time.monotonic()) > 0:
        got += wire.read(left)
    wire.unread(waiting)
    return PROMPT in got


def _picture(vm: ParallelsVm) -> str:
    path = vm.log_path.with_suffix("").with_suffix(".png")
    try:
        return f"; the screen is in {vm.screenshot(path)}"
    except Unfit as why:
        return f"; no picture of the screen: {why}"


def _host_log(vm: Machine) -> str:
    lines = vm.host_log().splitlines()[-3:]
    return "".join(f"\n  Parallels: {line}" for line in lines)


def _no_prompt(vm: ParallelsVm, stages: Stages) -> str:
    if why := vm.evidence():
        return f"{why}{_host_log(vm)}"
    if stages.failure:
        what = f"the boot failed: {stages.failure}"
    elif stages.reached:
        what = f"no prompt in {vm.prompt_s:.0f} s, after {stages.reached[-1][0]}"
    else:
        what = (
            f"not one byte on the serial line in {vm.prompt_s:.0f} s: did the machine boot our"
            " disk? Look at its window"
        )
    last = "".join(f"\n  {line}" for line in stages.last_lines())
    return f"{what}{_picture(vm)}; try --keep to look at the machine itself{last}{_host_log(vm)}"


def _no_input(vm: ParallelsVm) -> str:
    """What to do when no byte ever comes back."""
    return (
        "the boot log comes, but nothing typed on the serial line is answered (nobody has yet seen"
        " Parallels take serial input).  Other ways in:\n"
        f"  screen    the machine's window, or: pyrallax parallels shot {vm.name} FILE.png\n"
        f"  keyboard  in the window, or: pyrallax parallels type {vm.name} 'TEXT'; or a run with\n"
        "            --input keyboard, which types all that is sent (slow); both need firmware\n"
        "            that reads a USB keyboard\n"
        "  telnet    once the firmware has a driver for the network\n"
        "  Please tell us: this is reference P19."
    )
