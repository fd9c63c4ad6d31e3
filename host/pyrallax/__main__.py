"""pyrallax: run machines and read what they say."""

import argparse
import signal
import sys
from collections.abc import Sequence

from . import run, symbolize
from .vm.config import Unfit


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand; its exit status."""
    parser = argparse.ArgumentParser(prog="pyrallax", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run.add_to(commands)
    symbolize.add_to(commands)
    arguments = parser.parse_args(argv)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))  # let machines end
    try:
        return arguments.call(arguments)
    except Unfit as why:
        print(f"pyrallax: {why}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
