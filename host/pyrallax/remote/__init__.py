"""Run functions of host files on a target: source goes over, values and tracebacks come back.

@on_target
def test_sum():
    assert sum(range(10)) == 45
"""

import functools
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..repl import Repl, TargetError
from .source import Source, of_function
from .traceback import as_traceback, mapped

__all__ = ["TargetAssertion", "on_target", "run"]

_CALL = """\
_pyrallax_scope = {{"__name__": {module!r}}}
exec(compile({text!r}, {filename!r}, "exec"), _pyrallax_scope)
_pyrallax_value = {call}
del _pyrallax_scope
"""


class TargetAssertion(AssertionError):
    """An assert on the target failed.  traceback: in terms of host files; stdout: before it."""

    def __init__(self, said: str, traceback: str, stdout: str):
        super().__init__(said)
        self.traceback = traceback
        self.stdout = stdout


def run(
    repl: Repl,
    code: Callable | str,
    filename: str = "<host>",
    first_line: int = 1,
    arguments: Sequence[Any] = (),
    keywords: Mapping[str, Any] | None = None,
    timeout: float | None = None,
) -> Any:
    """Run a function, or a program as text, on the target; the function's value.

    code: a function is called there with the arguments; it sees nothing of the host's file but
    itself, and imports what it needs.  Arguments and value: whatever has a Python literal.
    filename, first_line: where the text of a program is from.  timeout: seconds, the client's own
    when None.  What it prints goes to stdout here.

    Raises TargetAssertion when an assert of the code failed, TargetError when it raised something
    else (traceback: files and lines of the host), ValueError for what cannot be sent or returned,
    and what Repl.run raises.
    """
    if callable(code):
        source = of_function(code)
        call = f"_pyrallax_scope[{source.name!r}]({_arguments(arguments, keywords or {})})"
    else:
        source = Source(code, filename, first_line)
        call = "None"
    program = _CALL.format(
        module="__target__", text=source.text, filename=source.filename, call=call
    )
    try:
        out = repl.exec(program, timeout)
    except TargetError as error:
        _show(error.stdout)
        traceback, frames = mapped(error.traceback, source)
        raised: TargetAssertion | TargetError = TargetError(traceback, error.stdout)
        if str(error).startswith("AssertionError"):
            said = str(error).removeprefix("AssertionError").removeprefix(": ")
            raised = TargetAssertion(said, traceback, error.stdout)
        raise raised.with_traceback(as_traceback(raised, frames)) from None
    _show(out)
    return repl.eval("_pyrallax_value") if callable(code) else None


def on_target(function: Callable) -> Callable:
    """A test whose body runs on the machine of the fixture `repl`; parameters go along."""
    signature = inspect.signature(function)
    parameters = list(signature.parameters.values())
    if "repl" in signature.parameters:
        raise ValueError(f"{function.__name__}: `repl` is the host's; there is none on the target")
    method = parameters[:1] if parameters and parameters[0].name == "self" else []

    @functools.wraps(function)
    def on_host(*self: Any, repl: Repl, **arguments: Any) -> None:
        __tracebackhide__ = True
        # There is no object on the other side.
        run(repl, function, arguments=(None,) * len(method), keywords=arguments)

    line = inspect.Parameter("repl", inspect.Parameter.KEYWORD_ONLY)
    rest = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in parameters[len(method) :]]
    on_host.__signature__ = inspect.Signature([*method, line, *rest])  # type: ignore[attr-defined]
    return on_host


def _arguments(positional: Sequence[Any], keywords: Mapping[str, Any]) -> str:
    words = [_literal(f"argument {number}", value) for number, value in enumerate(positional, 1)]
    words += [f"{name}={_literal(name, value)}" for name, value in keywords.items()]
    return ", ".join(words)


def _literal(name: str, value: Any) -> str:
    import ast

    text = repr(value)
    try:
        ast.literal_eval(text)
    except (SyntaxError, ValueError):
        raise ValueError(f"{name} cannot be sent to the target: {text} is no literal") from None
    return text


def _show(text: str) -> None:
    sys.stdout.write(text)
