"""As much of unittest as MicroPython's release tests use; Debian's source package has none.

main() prints what micropython-lib's prints, so that run-tests.py can read it.
"""

import sys


class SkipTest(Exception):
    """Raised by skipped tests."""


def skipIf(condition, why):
    """Decorator for a test method: not run when condition is true."""

    def skipped(_self):
        raise SkipTest(why)

    return (lambda method: skipped) if condition else (lambda method: method)


class _Raises:
    def __init__(self, wanted):
        self._wanted = wanted
        self.exception = None

    def __enter__(self):
        return self

    def __exit__(self, kind, value, _traceback):
        assert kind is not None, f"{self._wanted!r} not raised"
        self.exception = value
        return issubclass(kind, self._wanted)


class TestCase:
    """Methods named test* are the tests."""

    @classmethod
    def setUpClass(cls):
        """Runs before the tests of the class."""

    @classmethod
    def tearDownClass(cls):
        """Runs after the tests of the class."""

    def setUp(self):
        """Runs before each test."""

    def tearDown(self):
        """Runs after each test."""

    def assertEqual(self, a, b, why=""):
        assert a == b, why or f"{a!r} != {b!r}"

    def assertIn(self, a, b, why=""):
        assert a in b, why or f"{a!r} not in {b!r}"

    def assertIsInstance(self, a, kind, why=""):
        assert isinstance(a, kind), why or f"{a!r} is no {kind!r}"

    def assertRaises(self, wanted, function=None, *args, **kwargs):
        context = _Raises(wanted)
        if function is None:
            return context
        with context:
            function(*args, **kwargs)


def _run(case, test, name, result):
    print(f"{name} ({case.__name__}) ...", end="")
    try:
        test.setUp()
        try:
            getattr(test, name)()
        finally:
            test.tearDown()
        print(" ok")
    except SkipTest as why:
        print(" skipped:", why)
        result["skipped"] += 1
    except AssertionError as why:
        print(" FAIL")
        sys.print_exception(why)
        result["failures"] += 1
    except Exception as why:
        print(" ERROR")
        sys.print_exception(why)
        result["errors"] += 1


def main(module="__main__"):
    """Run every test of a module and print the summary."""
    scope = sys.modules[module].__dict__ if module in sys.modules else __import__(module).__dict__
    result = {"skipped": 0, "failures": 0, "errors": 0}
    count = 0
    for case in list(scope.values()):
        if isinstance(case, type) and issubclass(case, TestCase) and case is not TestCase:
            test = case()
            case.setUpClass()
            for name in sorted(dir(case)):
                if name.startswith("test"):
                    _run(case, test, name, result)
                    count += 1
            case.tearDownClass()
    print("-" * 70)
    print(f"Ran {count} tests\n")
    if result["failures"] or result["errors"]:
        print(f"FAILED (failures={result['failures']}, errors={result['errors']})")
    elif result["skipped"]:
        print(f"OK (skipped={result['skipped']})")
    else:
        print("OK")
