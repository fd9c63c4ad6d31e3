"""Expressions that are shown when they have changed, before each line of the friendly prompt."""

import builtins
import sys

import prompt

_watched = {}  # the one state here: {text or function: [function, last text shown]}, and:
_hex = False  # whether hexint() is on


def watch(expression=None):
    """Show the value of an expression before each new prompt when it has changed, and now.

    expression: text, evaluated in __main__; or a function of no arguments.  Without: list them.
    Registers are read anew each time.  One that raises is shown once and taken off.  The raw REPL,
    which programs use, evaluates and shows nothing.
    """
    if expression is None:
        for key in _watched:
            print(_name(key))
        return
    if not callable(expression) and not isinstance(expression, str):
        raise TypeError("a function, or an expression as text: %r" % (expression,))
    key = _key(expression)
    function = expression
    if not callable(expression):
        import __main__

        code = compile(key, "watch", "eval")

        def function():
            return eval(code, __main__.__dict__)

    _watched[key] = [function, None]
    prompt.before(_check)


def _key(expression):
    return expression if callable(expression) else expression.strip()


def _name(key):
    """What is printed of an expression or function; objects that can be called have no name."""
    return getattr(key, "__name__", None) or repr(key) if callable(key) else key


def unwatch(expression=None):
    """Forget one expression or function, or all.  Raises KeyError for one that is not watched."""
    if expression is None:
        _watched.clear()
    else:
        del _watched[_key(expression)]
    if not _watched:
        prompt.before(None)


def _check():
    for key in list(_watched):
        entry = _watched[key]
        text = _name(key)
        try:
            now = _shown(entry[0]())
        except Exception as error:
            del _watched[key]
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
