# Made by `inv stubs` from frozen/system/shell_words.py: do not edit.
"""A command line of ush taken apart: words, quotes, variables, ; && || (U-Boot's hush)."""

from _typeshed import Incomplete

class SyntaxFault(Exception):
    """What cannot be read.  str(): why."""

def command(
    text: Incomplete, at: Incomplete, look: Incomplete
) -> (
    tuple[list[Incomplete], Incomplete, Incomplete]
    | tuple[list[Incomplete], str, Incomplete]
    | tuple[list[Incomplete], str, int]
):
    """(words, joint, next): the command that begins at `at`.

    joint: what comes behind it: ";", "&&", "||" or "" for the end.  look(name): value of a
    variable as text, asked when this command is read: those before may have set it.
    Raises SyntaxFault.
    """

def check(text: Incomplete) -> None:
    """Read all of a line, run nothing.  Raises SyntaxFault."""
