"""pyrallax usb-capture: every USB transfer of a machine into a pcapng file for Wireshark."""

import argparse
import contextlib
import sys
import time
from pathlib import Path
from typing import Any

from . import machine_options
from .failure import count, seconds
from .prompt import prompt
from .repl import Repl, ReplError, TargetError, TargetPanic
from .vm.config import Unfit
from .vm.open import ATTACHED
from .wire import WireClosed

_CHUNK = 24 * 1024  # bytes per answer, before base64: a progress line each
_ENUMERATE_S = 120.0  # every device that is plugged in, the slow ones at their limits
_KIB = 1024

_START = """
import usb as _usb
if {anew}: _usb.release()
_cap = _usb.capture({size}, {snap})
_usb.probe()
"""
_STOP = "_cap.stop()"


def add_to(commands: Any) -> None:
    """Add the subcommand `usb-capture`."""
    parser = commands.add_parser("usb-capture", help="record USB transfers", description=__doc__)
    add = parser.add_argument
    machine_options.add_to(parser)
    add("file", type=Path, metavar="FILE", help="the capture (pcapng)")
    add("--seconds", type=seconds, default=None, metavar="S", help="how long; until Ctrl-C")
    add("--exec", metavar="CODE", help="run this on the target, and stop at its end")
    add("--buffer", type=count, default=1024, metavar="KIB", help="of the target's buffer")
    add("--anew", action="store_true", help="let go of the devices of a running machine first")
    add("--snap", type=count, default=4096, metavar="BYTES", help="of data kept per transfer")
    parser.set_defaults(call=_call)


def record(
    repl: Repl, wait: Any, size: int = 1 << 20, snap: int = 4096, anew: bool = True
) -> tuple[bytes, str]:
    """Capture while wait() runs; the pcapng file and what the target says of it.

    anew: let go of all devices first, so that how they are taken in is part of it.  Whatever goes
    wrong, the target does not go on recording.
    Raises TargetError, ReplError, WireClosed, and what wait() raises but KeyboardInterrupt.
    """
    try:
        repl.exec(_START.format(size=size, snap=snap, anew=anew), _ENUMERATE_S)
        try:
            wait()
        except KeyboardInterrupt:
            pass  # the way to end it
    except (TargetPanic, WireClosed):
        raise  # nobody is there to stop
    except BaseException:
        with contextlib.suppress(TargetError, ReplError, WireClosed):
            repl.exec(_STOP)
        raise
    repl.exec(_STOP)
    found = _fetch(repl), repl.exec("print(_cap)").strip()
    repl.exec("del _b, _bytes, _cap, _usb")  # its memory is the machine's again
    return found


def _fetch(repl: Repl) -> bytes:
    import base64

    repl.exec("import binascii as _b\n_bytes = _cap.bytes()")
    length = repl.eval("len(_bytes)")
    parts = []
    for at in range(0, length, _CHUNK):
        text = repl.exec(f"print(_b.b2a_base64(_bytes[{at}:{at + _CHUNK}]).decode(), end='')")
        parts.append(base64.b64decode(text))
    return b"".join(parts)


def _call(a: argparse.Namespace) -> int:
    with machine_options.of(a, "usb-capture") as vm:
        try:
            repl = prompt(vm)

            def wait() -> None:
                if a.exec is not None:
                    sys.stdout.write(repl.exec(a.exec, a.seconds or 1e9))
                elif a.seconds is not None:
                    time.sleep(a.seconds)
                else:
                    print("pyrallax: recording; Ctrl-C ends it", file=sys.stderr, flush=True)
                    while True:
                        time.sleep(1)

            anew = a.anew or vm.kind not in ATTACHED
            data, said = record(repl, wait, a.buffer * _KIB, a.snap, anew)
        except (ReplError, TargetError, WireClosed) as why:
            raise Unfit(f"no capture from the target: {why}") from why
    a.file.write_bytes(data)
    print(f"{a.file}: {said.strip('<>')}")
    return 0
