# SPDX-License-Identifier: GPL-2.0-or-later
"""What esptool raises, as one line that says what to do."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from esptool.util import FatalError, UnsupportedCommandError
from serial import SerialException

from ..vm.config import Unfit

LINE_ERRORS = (FatalError, UnsupportedCommandError, SerialException)


@contextmanager
def told(reason: Callable[[], str], doing: str) -> Iterator[None]:
    """Errors of esptool become Unfit; reason() is asked why the target refused."""
    try:
        yield
    except SerialException as why:
        raise Unfit(
            f"{doing}: the line is gone ({_line(why)}): run the same command again, it goes on "
            "where it stopped"
        ) from None
    except (FatalError, UnsupportedCommandError) as why:
        refusal = reason() if "result was" in str(why) else ""
        raise Unfit(
            f"{doing}: {refusal or _line(why)}; every block of the target is as it was or as it "
            "is to be: run the same command again"
        ) from None


def _line(why: Exception) -> str:
    return str(why).strip().splitlines()[0] if str(why).strip() else type(why).__name__
