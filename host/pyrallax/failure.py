"""The one place where a command's failure becomes a line for its user, and an exit status.

`--debug`, or PYRALLAX_DEBUG=1 in the environment, shows the stack trace before the line.
"""

import argparse
import difflib
import math
import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn, TextIO

FAILED = 1
USAGE = 2
BUG = 70  # sysexits' EX_SOFTWARE
INTERRUPTED = 130


def reason(error: BaseException) -> str:
    """What happened and what to do next; the text of our own exceptions is written for users."""
    if isinstance(error, OSError) and not _ours(error):
        from .vm.hints import of_error

        return of_error(error)
    if _ours(error):
        return str(error)
    if isinstance(error, UnicodeDecodeError):
        return f"what it read is no text ({error.encoding}, byte {error.start})"
    if isinstance(error, ModuleNotFoundError) and not _of_us(error.name or ""):
        return f"the Python package {error.name} is not installed: run `make setup`"
    said = f"{type(error).__name__}: {error}".splitlines()[0]
    return f"this is a defect of ours ({said}): run it again with PYRALLAX_DEBUG=1, and report it"


def _of_us(module: str) -> bool:
    return module.partition(".")[0] == "pyrallax"


def _ours(error: BaseException) -> bool:
    return _of_us(type(error).__module__) and bool(str(error))


def _status(error: BaseException) -> int:
    known = (OSError, UnicodeDecodeError, ModuleNotFoundError)
    return FAILED if _ours(error) or isinstance(error, known) else BUG


def debug_wanted() -> bool:
    """Whether the environment asks for stack traces."""
    return os.environ.get("PYRALLAX_DEBUG", "0") not in ("", "0")


def _need_streams() -> None:
    """Where this was started without one (`<&-`, some services), one that goes nowhere."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115 (for good)


def _forget_output() -> None:
    """What cannot be written goes nowhere: the interpreter's own flush would fail once more."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def guarded(call: Callable[[], int], name: str = "pyrallax", debug: bool = False) -> int:
    """The status of call(); what it raises becomes a line on stderr."""
    _need_streams()
    try:
        try:
            status = call()
        except SystemExit:  # of `--help`
            sys.stdout.flush()
            raise
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # `| head` has seen enough
        _forget_output()
        return 128 + signal.SIGPIPE
    except Exception as error:
        _forget_output()
        if debug or debug_wanted():
            traceback.print_exc()
        print(f"{name}: {reason(error)}", file=sys.stderr)
        return _status(error)


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with its arguments, and where to read on."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message}: see `{self.prog} --help`", file=sys.stderr)
        sys.exit(USAGE)

    def print_help(self, file: TextIO | None = None) -> None:
        """Written here: newer releases of Python pass over an output that fails."""
        print(self.format_help(), end="", file=file or sys.stdout)

    def unknown(self, words: list[str]) -> NoReturn:
        """Refuse words that nothing took."""
        options = [option for action in self._actions for option in action.option_strings]
        near = difflib.get_close_matches(words[0].partition("=")[0], options, 1)
        meant = f", did you mean {near[0]}?" if near else ""
        self.error(f"unknown: {' '.join(words)}{meant}")


def number(kind: type, least: float, what: str) -> Callable[[str], float]:
    """A type of argparse's: finite, and not below least."""

    def parsed(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if not least <= value < math.inf:
            raise argparse.ArgumentTypeError(f"{text!r}: {what} is wanted")
        return value

    return parsed


count = number(int, 1, "a whole number from 1 on")
whole = number(int, 0, "a whole number from 0 on")
seconds = number(float, 0, "a number from 0 on")
factor = number(float, 1e-6, "a number above 0")
