"""What help() says of the toolkit: MicroPython keeps no docstrings."""

# Topic, then its lines: call | effect.  Names of the modules as a user types them.
_TEXT = """
"""


def help(what=None):
    """."""
