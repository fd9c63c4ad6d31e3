"""Values as text that MicroPython reads again."""

import math
from typing import Any


class NotPlain(ValueError):
    """A value cannot be carried.  str(): what it is."""


_WORDS = (type(None), bool, int, bytes, type(...))


def literal(value: Any) -> str:
    """An expression that gives the value on the target.

    None, Ellipsis, bool, numbers, str, bytes, bytearray, range, and list, tuple, dict, set and
    frozenset of them, of exactly these types.  Raises NotPlain.
    """
    return _text(value, ())


def _text(value: Any, outside: tuple[int, ...]) -> str:
    kind = type(value)
    if kind in _WORDS:
        return repr(value)
    if kind is str:
        return ascii(value)
    if kind is float:
        return _float(value)
    if kind is complex:
        return f"complex({_text(value.real, ())}, {_text(value.imag, ())})"
    if kind is range:
        return f"range({value.start}, {value.stop}, {value.step})"
    if kind is bytearray:
        return f"bytearray({bytes(value)!r})"
    if id(value) in outside:
        raise NotPlain(f"a {kind.__name__} that holds itself")
    inside = (*outside, id(value))
    if kind is dict:
        pairs = (f"{_text(k, inside)}: {_text(v, inside)}" for k, v in value.items())
        return "{" + ", ".join(pairs) + "}"
    if kind in (list, tuple, set, frozenset):
        items = ", ".join(_text(item, inside) for item in value)
        if kind is tuple:
            return f"({items},)" if items else "()"
        if kind is list:
            return f"[{items}]"
        return f"{kind.__name__}([{items}])"
    raise NotPlain(f"{_shown(value)}, a {kind.__module__}.{kind.__qualname__}")


def _float(value: float) -> str:
    """Exact: of more than 15 digits MicroPython gets the last bits wrong."""
    if not math.isfinite(value):
        return f"float({repr(value)!r})"
    if (len(repr(abs(value)).replace(".", "")) <= 15 and 1e-5 < abs(value) < 1e15) or not value:
        return repr(value)
    mantissa, exponent = math.frexp(value)
    whole = int(mantissa * 2**53)
    exponent -= 53
    if exponent >= 0:
        return f"({whole} * 2.0**{exponent})"
    if exponent >= -1000:
        return f"({whole} / 2.0**{-exponent})"
    return f"({whole} / 2.0**1000 / 2.0**{-exponent - 1000})"


def _shown(value: Any) -> str:
    try:
        text = repr(value)
    except Exception as why:  # a repr of the user's own
        text = f"<repr raised {type(why).__name__}>"
    return text if len(text) <= 80 else text[:77] + "..."
