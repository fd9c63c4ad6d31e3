"""The text of a function as its file has it, and where each line of it is."""

import ast
import inspect
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """text: a program.  Line 1 of it is line `first_line` of the file.

    name: of the function that it defines; defined_at: where that begins, decorators and all.
    """

    text: str
    filename: str
    first_line: int = 1
    name: str = ""
    defined_at: int = 1


def of_function(function: Callable) -> Source:
    """A function's definition less its decorators.  Raises ValueError where there is none."""
    function = inspect.unwrap(function)
    name = getattr(function, "__name__", repr(function))
    if not inspect.isfunction(function) or name == "<lambda>":
        raise ValueError(f"{name} has no definition to send: give a function made with def")
    if free := function.__code__.co_freevars:
        raise ValueError(f"{name} uses {', '.join(free)} from around it: pass what it needs")
    try:
        lines, first = inspect.getsourcelines(function)
    except OSError:
        raise ValueError(f"{name} has no source to send: it is not from a file") from None
    filename = inspect.getsourcefile(function) or "<host>"
    if lines[0][:1].isspace():  # an indented one stays as it is, multi-line strings and all
        lines, first = ["if 1:\n", *lines], first - 1
    defined = next(
        node for node in ast.walk(ast.parse("".join(lines))) if isinstance(node, ast.FunctionDef)
    )
    for at in range(lines[0] == "if 1:\n", defined.lineno - 1):
        lines[at] = "\n"  # a decorator
    return Source("".join(lines), filename, first, name, function.__code__.co_firstlineno)
