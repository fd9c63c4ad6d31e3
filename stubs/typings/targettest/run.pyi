# Made by `inv stubs` from frozen/targettest/run.py: do not edit.
"""Finding tests, running them, counting what became of them, and saying it as text."""

from _typeshed import Incomplete
from typing import Self

default_runner: Incomplete | None

class Test:
    """One test.  name: of the function; suite: module and class; file: of the module, if known."""

    name: Incomplete
    suite: Incomplete
    owner: Incomplete
    file: Incomplete
    def __init__(
        self, name: Incomplete, suite: Incomplete, owner: Incomplete, file: Incomplete
    ) -> None: ...
    @property
    def full_name(self) -> Incomplete:
        """With its class: what is unique in a module."""
    def __str__(self) -> str: ...

class TestResult:
    """Counts; errors, failures and skipped are lists of (Test, text)."""

    testsRun: int
    errors: list[Incomplete]
    failures: list[Incomplete]
    skipped: list[Incomplete]
    def __init__(self) -> None: ...
    @property
    def errorsNum(self) -> int:
        """Exceptions that are no failed assert."""
    @property
    def failuresNum(self) -> int:
        """Failed asserts."""
    @property
    def skippedNum(self) -> int:
        """Tests that did not run."""
    def wasSuccessful(self) -> bool:
        """Whether nothing failed."""
    def startTest(self, test: Incomplete) -> None:
        """A test begins."""
    def stopTest(self, test: Incomplete, problems: Incomplete, skip: Incomplete) -> None:
        """It is over.  problems: [(exception, words of the subTest), …]; skip: why, or None."""
    def __add__(self, other: Incomplete) -> Self: ...
    def __repr__(self) -> str: ...

def traceback_of(exception: Incomplete) -> str:
    """What would be printed of it, less the frames of this file."""

class TestSuite:
    """TestCases, functions and suites, in order.  name: of the module; file: its source."""

    name: str
    file: Incomplete
    tests: list[Incomplete]
    def __init__(self, name: str = "", file: Incomplete | None = None) -> None: ...
    def addTest(self, test: Incomplete) -> None:
        """Add a subclass of TestCase or an instance of one, a function, or a suite."""
    def load(self, module: Incomplete) -> None:
        """Add what a module has: subclasses of TestCase, functions that begin with "test"."""
    def run(self, result: Incomplete) -> Incomplete:
        """Run all; the result."""

class TestRunner:
    """Prints each test, what went wrong, and a summary that MicroPython's run-tests.py reads."""
    def run(self, suite: Incomplete) -> Incomplete:
        """Run a suite; its TestResult."""

def main(module: str = "__main__", testRunner: Incomplete | None = None) -> Incomplete:
    """Run the tests of a module (or of the one with this name); the TestResult."""
