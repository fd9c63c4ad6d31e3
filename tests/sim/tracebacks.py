"""Importing it gives CPython MicroPython's sys.print_exception."""

import sys

if not hasattr(sys, "print_exception"):
    import traceback

    sys.print_exception = lambda exception, file=None: traceback.print_exception(
        exception, file=file
    )
