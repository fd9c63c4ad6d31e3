"""Expressions that are shown when they have changed, before each line of the friendly prompt."""

import builtins
import sys

import prompt

_watched = {}  # the one state here: {text: [function, last text shown]}, and:
_hex = False  # whether hexint() is on


def watch(expression=None):
    """Show the value of an expression before each new prompt when it has changed, and now.

    expression: text, evaluated in __main__; or a function of no arguments.  Without: list them.
    Registers are read anew each time.  One that raises is shown once and taken off.  The raw REPL,
    which programs use, evaluates and shows nothing.
    """
    if expression is None:
        for text in _watched:
            print(text)
        return
    if not callable(expression) and not isinstance(expression, str):
        raise TypeError("a function, or an expression as text: %r" % (expression,))
    if callable(expression):
        text = getattr(expression, "__name__", "function")
        function = expression
    else:
        import __main__

        text = expression.strip()
        code = compile(text, "watch", "eval")

        def function():
            return eval(code, __main__.__dict__)

    _watched[text] = [function, None]
    prompt.before(_check)


def unwatch(expression=None):
    """Forget one expression or function, or all.  Raises KeyError for one that is not watched."""
    if expression is None:
        _watched.clear()
    elif callable(expression):
        del _watched[expression.__name__]
    else:
        del _watched[expression.strip()]
    if not _watched:
        prompt.before(None)


def _check():
    for text in list(_watched):
        entry = _watched[text]
        try:
            now = _shown(entry[0]())
        except Exception as error:
            del _watched[text]
            print("%s: no longer watched:" % text)
            sys.print_exception(error)
            continue
        if now != entry[1]:
            was = "" if entry[1] is None else "%s -> " % entry[1]
            print("%s: %s%s" % (text, was, now))
            entry[1] = now
    if not _watched:
        prompt.before(None)


def _shown(value):
    return hexed(value) if _hex else repr(value)


def hexed(value):
    """repr() with integers in hexadecimal, inside of lists, tuples, sets and dicts too."""
    kind = type(value)
    if kind is int:
        return hex(value)
    if kind is dict:
        return "{%s}" % ", ".join("%s: %s" % (hexed(k), hexed(v)) for k, v in value.items())
    if kind is list:
        return "[%s]" % ", ".join(hexed(v) for v in value)
    if kind is tuple:
        return "(%s%s)" % (", ".join(hexed(v) for v in value), "," if len(value) == 1 else "")
    if kind is set and value:
        return "{%s}" % ", ".join(hexed(v) for v in value)
    return repr(value)


def _print(value):
    if value is not None:
        print(hexed(value))
        builtins._ = value


def hexint(on=True):
    """Show integers in hexadecimal at the friendly prompt; print() and the raw REPL do as ever."""
    global _hex
    if on:
        builtins.__repl_print__ = _print
    elif _hex:
        del builtins.__repl_print__
    _hex = bool(on)
