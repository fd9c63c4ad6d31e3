# Made by `inv stubs` from frozen/system/shell.py: do not edit.
"""ush: a shell that tools written for U-Boot's prompt drive unmodified (docs/reference/ush.md)."""

from _typeshed import Incomplete

class Usage(Exception):
    """Wrong arguments: the command's usage is shown."""

class Failed(Exception):
    """A command says why it failed: the line is printed as it is."""

class Shell:
    """say(text): print a line.  env: variables; status: of the last command, `$?`.

    again: what an empty line repeats, or None.  going: until `exit`.
    """

    say: Incomplete
    env: Incomplete
    status: Incomplete
    again: Incomplete | None
    going: bool
    def __init__(self, say: Incomplete = ..., env: Incomplete | None = None) -> None: ...
    def execute(self, text: Incomplete) -> Incomplete:
        """Run a line of commands; gives the status of the last.  Raises KeyboardInterrupt."""
    def empty(self) -> None:
        """An empty line was typed."""
    def line(self, text: Incomplete) -> None:
        """Run what was typed, an empty line being a repetition."""

def reason(why: Incomplete) -> Incomplete:
    """An exception in words."""

def ush() -> None:
    """Run the shell on the console until `exit`; Ctrl-A at the prompt leads on to the raw REPL."""

def start(cmdline: Incomplete) -> None:
    """What the boot option `ush` does: `ush` the shell at once, `ush=N` after N seconds if a key
    is pressed meanwhile, else nothing.  Ctrl-C is a key here: tools press it until they are heard.
    """
