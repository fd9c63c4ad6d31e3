# Made by `inv stubs` from frozen/bus/aml_eval.py: do not edit.
"""Values of names in the ACPI namespace, and of methods that only return a constant.

Not done: executing AML.  Return, names of the method's own, and If with a constant are followed;
any other statement makes the method a program (ACPI 6.5 §20.2.5.3).
"""

from _typeshed import Incomplete

def evaluate(space: Incomplete, node: Incomplete) -> Incomplete:
    """Value of a Name, or of a method without arguments that returns a constant.

    int, str, bytes, list (a package; names in it are Ref) or Ref (the name of an object without a
    value).  Raises Computed where it has to be executed, AmlError for bad AML.
    """

def predicate(
    space: Incomplete, code: Incomplete, at: Incomplete, end: Incomplete, scope: Incomplete
) -> tuple[None, Incomplete] | tuple[bool | None, Incomplete]:
    """Predicate of an If -> (True, False, or None where it is computed; offset after it)."""

def branches(
    code: Incomplete, at: Incomplete, end: Incomplete
) -> (
    tuple[Incomplete, Incomplete, Incomplete]
    | tuple[Incomplete, Incomplete, tuple[Incomplete, Incomplete]]
):
    """If at `at` -> (predicate, end of the If, (start, end) of its Else, empty without one)."""
