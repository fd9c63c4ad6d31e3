"""Run functions of host files on a target: source goes over, values and tracebacks come back.

@on_target
def test_sum():
    assert sum(range(10)) == 45
"""

import functools
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any

from ..repl import Repl, ReplError, TargetError, TargetPanic
from ..wire import WireClosed
from .carry import of_function
from .explain import Assertion, explain
from .literal import NotPlain, literal
from .rewrite import TARGET, rewrite
from .source import Source, of_text
from .traceback import Frame, as_traceback, mapped, of_panic

__all__ = ["TargetAssertion", "on_target", "run"]

_NAME = "__target__"  # __name__ of what is sent

_EXIT = "_pyrallax_exit"  # an exception; its text is the traceback of a SystemExit

# What is sent runs in a scope of its own, its lines numbered as in its file.  A failed assert
# leaves its values behind, which a second question fetches: the exception's text stays one for
# people.  SystemExit would reset the prompt and say nothing.
_RUN = """\
_pyrallax_scope = {{"__name__": {name!r}}}
_pyrallax_said = _pyrallax_value = None
exec({names!r}, _pyrallax_scope)
try:
    exec(compile("\\n" * {before} + {text!r}, {filename!r}, "exec"), _pyrallax_scope)
    exec({call!r}, _pyrallax_scope)
    _pyrallax_value = _pyrallax_scope.get("_pyrallax_value")
except AssertionError as e:
    _pyrallax_said = getattr(e.args[0] if e.args else None, "_pyrallax_parts", None)
    raise
except SystemExit as e:
    import io, sys; _pyrallax_said = io.StringIO(); sys.print_exception(e, _pyrallax_said)
    raise type({exit!r}, (Exception,), {{}})(_pyrallax_said.getvalue())
finally:
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

    code: a function is called there with the arguments, a coroutine function by asyncio; carry.py
    says what goes along of the file around it.  Arguments: what literal() takes.  Value: whatever
    has a Python literal.  filename, first_line: where the text of a program is from.  timeout:
    seconds, the client's own when None.  What it prints goes to stdout here.

    Raises TargetAssertion when an assert of the code failed, TargetError when it raised something
    else (traceback: files and lines of the host), ValueError for what cannot be sent or returned,
    and what Repl.run raises.
    """
    if callable(code):
        try:
            source, name = of_function(code)
            call = _call(code, name, arguments, keywords or {})
        except ValueError as why:
            raise why.with_traceback(_at_definition(code, why)) from None
    else:
        source, call = of_text(code, filename, first_line), ""
    text, assertions = rewrite(source.text, source.filename, source.first_line)
    program = _RUN.format(
        name=_NAME,
        names="\n".join([*source.names, *([TARGET] if assertions else [])]),
        before=source.first_line - 1,
        text=text,
        filename=source.filename,
        call=call,
        exit=_EXIT,
    )
    try:
        out = repl.exec(program, timeout)
    except TargetError as error:
        sys.stdout.write(error.stdout)
        raised = _raised(repl, error, source, assertions)
        if callable(code) and raised.__traceback__ is None:  # before it ran
            raised.__traceback__ = _at_definition(code, raised)
        raise raised from None
    except TargetPanic as panic:
        frames = of_panic(panic.block, source)
        raise panic.with_traceback(as_traceback(panic, frames)) from None
    except (ReplError, WireClosed) as why:
        if callable(code):
            raise why.with_traceback(_at_definition(code, why)) from None
        raise
    sys.stdout.write(out)
    if not callable(code):
        return None
    try:
        return repl.eval("_pyrallax_value")
    except ValueError as why:
        said = str(why).removeprefix("_pyrallax_value is ")
        raise ValueError(f"the value of {name} is {said}") from None


def _raised(
    repl: Repl, error: TargetError, source: Source, assertions: list[Assertion]
) -> TargetAssertion | TargetError:
    """What the host raises for it, at the line of its own file."""
    _, marker, exited = error.traceback.partition(f"{_EXIT}: ")
    if marker:
        error = TargetError(exited, error.stdout)
    if not str(error).startswith("AssertionError"):
        traceback, frames = mapped(error.traceback, source)
        raised: TargetAssertion | TargetError = TargetError(traceback, error.stdout)
    else:
        said = str(error).removeprefix("AssertionError").removeprefix(": ")
        line = None
        if parts := repl.eval("_pyrallax_said"):
            number, message, values = parts
            said, line = explain(assertions[number], values, message), assertions[number].line
        traceback, frames = mapped(error.traceback, source, said, line)
        raised = TargetAssertion(said, traceback, error.stdout)
    return raised.with_traceback(as_traceback(raised, frames))


def _at_definition(function: Callable, error: Exception) -> TracebackType | None:
    """The traceback of what is wrong with a function itself: where it begins."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        return None
    line = code.co_firstlineno
    return as_traceback(error, [Frame(code.co_filename, line, code.co_name, line)])


def on_target(function: Callable) -> Callable:
    """A test whose body runs on the machine of the fixture `repl`; parameters go along."""
    signature = inspect.signature(function)
    parameters = list(signature.parameters.values())
    if "repl" in signature.parameters:
        raise ValueError(f"{function.__name__}: `repl` is the host's; there is none on the target")
    method = parameters[:1] if parameters and parameters[0].name == "self" else []

    @functools.wraps(function)
    def on_host(*self: Any, repl: Repl | None = None, **arguments: Any) -> None:
        __tracebackhide__ = True
        if repl is None:
            raise ValueError(
                f"{function.__name__}: unittest gives its methods no fixtures: use a plain class"
            )
        # There is no object on the other side.
        run(repl, function, arguments=(None,) * len(method), keywords=arguments)

    line = inspect.Parameter("repl", inspect.Parameter.KEYWORD_ONLY)
    rest = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in parameters[len(method) :]]
    on_host.__signature__ = inspect.Signature([*method, line, *rest])  # type: ignore[attr-defined]
    return on_host


def _call(
    function: Callable, name: str, positional: Sequence[Any], keywords: Mapping[str, Any]
) -> str:
    words = [_argument(name, str(n), value) for n, value in enumerate(positional, 1)]
    words += [f"{word}={_argument(name, word, value)}" for word, value in keywords.items()]
    call = f"{name}({', '.join(words)})"
    if inspect.iscoroutinefunction(inspect.unwrap(function)):
        # A loop of its own: a run that failed leaves its tasks in the last one.
        return f"import asyncio\nasyncio.new_event_loop()\n_pyrallax_value = asyncio.run({call})"
    return f"_pyrallax_value = {call}"


def _argument(function: str, name: str, value: Any) -> str:
    try:
        return literal(value)
    except NotPlain as why:
        raise ValueError(f"argument {name} of {function} cannot be sent: {why}") from None
