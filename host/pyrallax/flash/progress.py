# SPDX-License-Identifier: GPL-2.0-or-later
"""A line of progress in place of esptool's many."""

import sys
from typing import TextIO

from esptool.logger import TemplateLogger, log

_WIDTH = 30
_MIB = 1 << 20


class Quiet(TemplateLogger):
    """esptool says nothing: what goes wrong it raises."""

    def print(self, *args, **kwargs):
        """Nothing."""

    def note(self, message):
        """Nothing."""

    def warning(self, message):
        """Nothing."""

    def error(self, message):
        """Nothing."""

    def stage(self, finish=False):
        """Nothing."""

    def progress_bar(self, cur_iter, total_iters, prefix="", suffix="", bar_length=30):
        """Nothing."""

    def set_verbosity(self, verbosity):
        """Nothing."""


def quiet() -> None:
    """Silence esptool's logger, which it has one of."""
    if not isinstance(log, Quiet):
        log.set_logger(Quiet())


class Bar:
    """[=====>   ] 12/96 MiB on a terminal; nothing elsewhere."""

    def __init__(self, doing: str, total: int, out: TextIO | None = None):
        self._doing = doing
        self._total = total
        self._out = out or sys.stderr
        self._on = self._out.isatty()

    def show(self, done: int, more: str = "") -> None:
        """So many bytes are done."""
        if self._on:
            filled = _WIDTH * done // self._total if self._total else _WIDTH
            bar = "=" * filled + " " * (_WIDTH - filled)
            mib = f"{done / _MIB:.1f}/{self._total / _MIB:.1f} MiB"
            self._out.write(f"\r{self._doing} [{bar}] {mib}{more}\x1b[K")
            self._out.flush()

    def end(self) -> None:
        """Leave the line."""
        if self._on:
            self._out.write("\r\x1b[K")
            self._out.flush()
