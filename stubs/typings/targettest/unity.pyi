# Made by `inv stubs` from frozen/targettest/unity.py: do not edit.
"""Results as lines of the Unity test framework, which pytest-embedded and others read.

FILE:LINE:NAME:PASS, :FAIL: TEXT or :IGNORE: TEXT, and at the end `N Tests N Failures N Ignored`.
"""

from _typeshed import Incomplete

class UnityRunner:
    """Runs a suite and prints such lines.  final: and whether all went well, as twister wants."""

    final: bool
    def __init__(self, final: bool = True) -> None: ...
    def run(self, suite: Incomplete) -> Incomplete:
        """Run a suite; its TestResult."""

def verdict(good: Incomplete) -> str:
    """The line that Zephyr's twister waits for."""
