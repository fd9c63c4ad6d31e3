"""Values of names in the ACPI namespace, and of methods that only return a constant.

Not done: executing AML.  Return, names of the method's own, and If with a constant are followed;
any other statement makes the method a program (ACPI 6.5 §20.2.5.3).
"""

from micropython import const

from aml_data import TERMS, AmlError, Computed, Ref

_DEPTH = const(8)  # names that stand for names, If in If


def evaluate(space, node):
    """Value of a Name, or of a method without arguments that returns a constant.

    int, str, bytes, list (a package; names in it are Ref) or Ref (the name of an object without a
    value).  Raises Computed where it has to be executed, AmlError for bad AML.
    """
    space.left[0] = TERMS
    return _value(space, node, 0)


def predicate(space, code, at, end, scope):
    """Predicate of an If -> (True, False, or None where it is computed; offset after it)."""
    return _predicate(space, code, at, end, scope, 0)


def _predicate(space, code, at, end, scope, depth):
    try:
        value, at = code.value(at, end)
        value = _follow(space, value, scope, depth)
    except Computed:
        return None, at
    return (value != 0 if isinstance(value, int) else None), at


def _value(space, node, depth):
    if depth > _DEPTH:
        raise AmlError("%s is defined by itself" % node.path)
    code = node.code
    try:
        if node.kind == "Name":
            code.spend()
            return _follow(space, code.value(node.at, node.end)[0], node.parent, depth)
        if node.kind == "Method" and not node.flags & 7:
            found = _returned(space, code, node.at, node.end, node, {}, depth)
            if found is not None:
                return found[0]
    except IndexError:
        raise AmlError("%s is cut off" % node.path)
    raise Computed("%s %s has no constant value" % (node.kind, node.path))


def _follow(space, value, scope, depth):
    if isinstance(value, Ref):
        node = space.find(value.name, scope)
        if node is not None and node.kind in ("Name", "Method", "FieldUnit"):
            return _value(space, node, depth + 1)
    return value


def _returned(space, code, at, end, node, names, depth):
    """Value that a list of terms returns, in a tuple; None when it ends without Return."""
    if depth > _DEPTH:
        raise AmlError("%s is nested too deep" % node.path)
    while at < end:
        code.spend()
        op = code.data[at]
        if op == 0xA4:
            value = code.value(at + 1, end)[0]
            if isinstance(value, Ref) and value.name in names:
                value = code.value(names[value.name], end)[0]
            return (_follow(space, value, node, depth),)
        if op == 0x08:
            name, start = code.name(at + 1, end)
            names[name] = start
            at = code.skip(start, end)
        elif op == 0xA0:
            start, stop, after = branches(code, at, end)
            taken, start = _predicate(space, code, start, stop, node, depth)
            if taken is None:
                raise Computed("%s decides something" % node.path)
            if not taken:
                start, stop = after[0], after[1]
            found = _returned(space, code, start, stop, node, names, depth + 1)
            if found is not None:
                return found
            at = after[1]
        elif op == 0xA3:
            at += 1
        else:
            raise Computed("%s is a program" % node.path)
    return None


def branches(code, at, end):
    """If at `at` -> (predicate, end of the If, (start, end) of its Else, empty without one)."""
    start, stop = code.package(at + 1, end)
    if stop < end and code.data[stop] == 0xA1:
        return start, stop, code.package(stop + 1, end)
    return start, stop, (stop, stop)
