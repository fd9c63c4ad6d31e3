"""Runs on the target: names of modules and classes, arguments of functions, kinds of values.

Arguments of a function in C are what MicroPython itself checks calls by: the type of its object
(mp_type_fun_builtin_0 to _3), or the word `sig` of a mp_obj_fun_builtin_var_t (py/obj.h).
"""

import gc
import json

import machine


def _type(address):
    return machine.mem64[address]


_FIXED = {_type(id(f)): n for n, f in enumerate((gc.collect, len, isinstance, setattr))}
_VAR = _type(id(print))
_CHECKED = _type(id(list.append))  # a method of a type in C, wrapped: py/objtype.c
_KINDS = ("function", "bound_method", "closure", "generator")


def arguments(address):
    """[fewest, most or -1, keywords] of a function in C, None of one in Python."""
    kind = _type(address)
    if kind == _CHECKED:
        return arguments(machine.mem64[address + 16])
    if kind in _FIXED:
        return [_FIXED[kind], _FIXED[kind], False]
    if kind != _VAR:
        return None
    sig = machine.mem32[address + 8]
    most = sig >> 1 & 0xFFFF
    return [sig >> 17, -1 if most == 0xFFFF else most, bool(sig & 1)]


def spell(value):
    """The kind of a value, of tuples, lists and dicts with what is inside."""
    if type(value).__name__ == "tuple":  # a named one is of another type of that name
        return ["tuple", [spell(each) for each in value]]
    if isinstance(value, list):
        return ["list", [spell(each) for each in value[:4]]]
    if isinstance(value, dict):
        return ["dict", [[key, spell(each)] for key, each in value.items()]]
    return type(value).__name__


def names(thing):
    """{name: [kind, arguments]} of what dir() gives."""
    found = {}
    for name in dir(thing):
        if name.startswith("__") and name not in ("__enter__", "__exit__"):
            continue
        try:
            value = getattr(thing, name)
        except AttributeError:  # a system register that this CPU does not have
            continue
        kind = type(value).__name__
        found[name] = [kind, arguments(id(value)) if kind in _KINDS else None]
    return found


def module(name):
    """Print what a module has, and each of its classes."""
    thing = __import__(name, None, None, ("*",))
    had = names(thing)
    classes = {n: names(getattr(thing, n)) for n, (kind, _) in had.items() if kind == "type"}
    print(json.dumps([had, classes]))
