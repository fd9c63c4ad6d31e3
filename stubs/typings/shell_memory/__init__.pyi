# Made by `inv stubs` from frozen/system/shell_memory.py: do not edit.
"""ush: md, mw, cp, cmp, crc32.  Numbers are hexadecimal; what does not answer is an error."""

from _typeshed import Incomplete

def number(text: Incomplete) -> int:
    """A hexadecimal number, 0x or not.  Raises Failed."""

def size_of(word: Incomplete) -> Incomplete:
    """Bytes of an object by a command's ending: md.b.  Raises Usage."""

def store(function: Incomplete, addr: Incomplete, *args: Incomplete) -> None:
    """Call rawmem's function(addr, …) that writes there.  Raises Failed for the firmware's own."""

def do_md(sh: Incomplete, words: Incomplete) -> int: ...
def do_mw(sh: Incomplete, words: Incomplete) -> None: ...
def do_cp(sh: Incomplete, words: Incomplete) -> None: ...
def do_cmp(sh: Incomplete, words: Incomplete) -> int: ...
def do_crc32(sh: Incomplete, words: Incomplete) -> int: ...
