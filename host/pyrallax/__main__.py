"""pyrallax: run machines and read what they say."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence

from . import doctor, flashing, parallels_command, run, symbolize
from .report import command as hwreport
from .trace import command as trace
from .vm.config import Unfit


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand; its exit status."""
    parser = argparse.ArgumentParser(prog="pyrallax", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run.add_to(commands)
    symbolize.add_to(commands)
    hwreport.add_to(commands)
    trace.add_to(commands)
    flashing.add_to(commands)
    parallels_command.add_to(commands)
    doctor.add_to(commands)
    arguments = parser.parse_args(argv)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))  # let machines end
    try:
        status = arguments.call(arguments)
        sys.stdout.flush()
        return status
    except Unfit as why:
        print(f"pyrallax: {why}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `| head` has seen enough; what is still buffered goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE


if __name__ == "__main__":
    sys.exit(main())
