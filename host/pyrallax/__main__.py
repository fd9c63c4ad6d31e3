"""pyrallax: run machines and read what they say."""

import argparse
import importlib
import signal
import sys
from collections.abc import Sequence

from .failure import Parser, guarded

# Where each command is.  Only the module of the one that runs is imported: that is a third of
# the time from `pyrallax run` to a prompt.
_MODULES = {
    "run": "run",
    "symbolize": "symbolize",
    "hwreport": "report.command",
    "trace": "trace.command",
    "usb-capture": "usbcapture",
    "flash": "flashing",
    "readback": "flashing",
    "ramboot": "flashing",
    "watch": "watch.command",
    "parallels": "parallels_command",
    "doctor": "doctor",
}


def _parser(words: Sequence[str]) -> tuple[Parser, dict[str, Parser]]:
    """The parser, and those of the commands."""
    parser = Parser(prog="pyrallax", description=__doc__)
    _add_debug(parser, False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    wanted = next((word for word in words if not word.startswith("-")), "")
    for module in dict.fromkeys([_MODULES[wanted]] if wanted in _MODULES else _MODULES.values()):
        importlib.import_module(f".{module}", __package__).add_to(commands)
    for each in commands.choices.values():
        _add_debug(each, argparse.SUPPRESS)
    return parser, commands.choices


def _add_debug(parser: argparse.ArgumentParser, default: object) -> None:
    parser.add_argument(
        "--debug", action="store_true", default=default, help="show stack traces of failures"
    )
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                _add_debug(each, argparse.SUPPRESS)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    # Before a command has been parsed, --debug is looked for by eye: an import may fail, too.
    return guarded(lambda: _main(words), debug="--debug" in words)


def _main(words: list[str]) -> int:
    parser, commands = _parser(words)
    arguments, rest = parser.parse_known_args(words)
    if rest:
        commands[arguments.command].unknown(rest)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # nohup
            signal.signal(number, lambda number, frame: sys.exit(128 + number))  # let machines end
    return arguments.call(arguments)


if __name__ == "__main__":
    sys.exit(main())
