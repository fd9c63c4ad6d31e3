"""Finding tests, running them, counting what became of them, and saying it as text."""

import io
import sys

from targettest.case import SkipTest, TestCase

# Runner of main() where it is given none; batch mode sets another.  None: TestRunner.
default_runner = None

_LINE = "-" * 70

# Of a test, its fault.  sys.exit() in code under test is no end of the run; Ctrl-C is.
_FAULTS = (Exception, SystemExit)


class Test:
    """One test.  name: of the function; suite: module and class; file: of the module, if known."""

    def __init__(self, name, suite, owner, file):
        self.name = name
        self.suite = suite
        self.owner = owner  # name of the class, or ""
        self.file = file

    @property
    def full_name(self):
        """With its class: what is unique in a module."""
        return "%s.%s" % (self.owner, self.name) if self.owner else self.name

    def __str__(self):
        return "%s (%s)" % (self.name, self.suite)


class TestResult:
    """Counts; errors, failures and skipped are lists of (Test, text)."""

    def __init__(self):
        self.testsRun = 0
        self.errors = []
        self.failures = []
        self.skipped = []

    @property
    def errorsNum(self):
        """Exceptions that are no failed assert."""
        return len(self.errors)

    @property
    def failuresNum(self):
        """Failed asserts."""
        return len(self.failures)

    @property
    def skippedNum(self):
        """Tests that did not run."""
        return len(self.skipped)

    def wasSuccessful(self):
        """Whether nothing failed."""
        return not self.errors and not self.failures

    def startTest(self, test):
        """A test begins."""
        self.testsRun += 1

    def stopTest(self, test, problems, skip):
        """It is over.  problems: [(exception, words of the subTest), …]; skip: why, or None."""
        for exception, words in problems:
            failed = isinstance(exception, AssertionError)
            text = ("(%s)\n" % words if words else "") + traceback_of(exception)
            (self.failures if failed else self.errors).append((test, text))
        if skip is not None and not problems:
            self.skipped.append((test, skip))

    def __add__(self, other):
        self.testsRun += other.testsRun
        self.errors += other.errors
        self.failures += other.failures
        self.skipped += other.skipped
        return self

    def __repr__(self):
        return "<unittest.result.TestResult run=%d errors=%d failures=%d>" % (
            self.testsRun,
            self.errorsNum,
            self.failuresNum,
        )


def traceback_of(exception):
    """What would be printed of it, less the frames of this file."""
    out = io.StringIO()
    sys.print_exception(exception, out)
    lines = out.getvalue().split("\n")
    return "\n".join(line for line in lines if 'File "targettest/run.py"' not in line)


class TestSuite:
    """TestCases, functions and suites, in order.  name: of the module; file: its source."""

    def __init__(self, name="", file=None):
        self.name = name
        self.file = file
        self.tests = []

    def addTest(self, test):
        """Add a subclass of TestCase or an instance of one, a function, or a suite."""
        self.tests.append(test)

    def load(self, module):
        """Add what a module has: subclasses of TestCase, functions that begin with "test"."""
        for name in sorted(dir(module)):
            found = getattr(module, name)
            if isinstance(found, type):
                if issubclass(found, TestCase) and found is not TestCase:
                    self.addTest(found)
            elif name.startswith("test") and callable(found):
                self.addTest((name, found))  # a decorator's own function has another name

    def run(self, result):
        """Run all; the result."""
        for what in self.tests:
            if isinstance(what, TestSuite):
                what.run(result)
            elif isinstance(what, type):
                self._run_case(what(), result)
            elif isinstance(what, TestCase):
                self._run_case(what, result)
            else:
                named = isinstance(what, tuple)
                name, function = what if named else (getattr(what, "__name__", "test"), what)
                _run(TestCase(), function, Test(name, self.name, "", self.file), result)
        return result

    def _run_case(self, case, result):
        owner = type(case).__name__
        suite = "%s.%s" % (self.name, owner) if self.name else owner
        made_of = type(case)  # dir() of an object asks its properties
        names = ["runTest"] if hasattr(made_of, "runTest") else sorted(dir(made_of))
        tests = []
        for name in names:
            named = name.startswith("test") or name == "runTest"
            if named and callable(getattr(made_of, name)):
                tests.append((getattr(case, name), Test(name, suite, owner, self.file)))
        if not tests:
            return
        # A class that does not come up fails or skips each of its tests: none goes missing.
        try:
            case.setUpClass()
        except _FAULTS as why:
            for _, test in tests:
                result.startTest(test)
                _stop(result, test, [(why, "setUpClass")])
            return
        for method, test in tests:
            _run(case, method, test, result)
        try:
            case.tearDownClass()
        except _FAULTS as why:
            test = Test("tearDownClass", suite, owner, self.file)
            result.startTest(test)
            _stop(result, test, [(why, "")])


def _run(case, method, test, result):
    problems = []
    case._note = lambda exception, words: problems.append((exception, words))
    result.startTest(test)
    try:
        if _noting(problems, case.setUp):
            _noting(problems, lambda: _finish(method()))
            _noting(problems, case.tearDown)
        _noting(problems, case.doCleanups)
    finally:
        case._note = None
        _stop(result, test, problems)


def _noting(problems, call):
    """Whether a call goes well.  What ends the whole run is noted, and goes on."""
    try:
        call()
        return True
    except BaseException as why:
        problems.append((why, ""))
        if isinstance(why, _FAULTS) or _cancelled(why):
            return False
        raise


def _cancelled(why):
    """Whether it is asyncio's CancelledError, no Exception; a test that has none loads none."""
    return isinstance(why, getattr(sys.modules.get("asyncio"), "CancelledError", ()))


def _finish(made):
    """A test that is a coroutine function made a coroutine, which runs now."""
    if hasattr(made, "send"):
        import asyncio

        asyncio.new_event_loop()  # one that failed leaves its tasks in the last
        asyncio.run(made)


def _stop(result, test, problems):
    skip = None
    real = []
    for exception, words in problems:
        if isinstance(exception, SkipTest):
            skip = str(exception.args[0]) if exception.args else ""
        else:
            real.append((exception, words))
    result.stopTest(test, real, skip)


class _TextResult(TestResult):
    def startTest(self, test):
        super().startTest(test)
        print(test, "...", end="")

    def stopTest(self, test, problems, skip):
        super().stopTest(test, problems, skip)
        if any(not isinstance(exception, AssertionError) for exception, _ in problems):
            print(" ERROR")
        elif problems:
            print(" FAIL")
        elif skip is not None:
            print(" skipped:", skip)
        else:
            print(" ok")


class TestRunner:
    """Prints each test, what went wrong, and a summary that MicroPython's run-tests.py reads."""

    def run(self, suite):
        """Run a suite; its TestResult."""
        result = suite.run(_TextResult())
        for kind, found in (("ERROR", result.errors), ("FAIL", result.failures)):
            for test, text in found:
                print("%s\n%s: %s\n%s\n%s" % ("=" * 70, kind, test, _LINE, text))
        print("%s\nRan %d tests\n" % (_LINE, result.testsRun))
        if not result.wasSuccessful():
            print("FAILED (failures=%d, errors=%d)" % (result.failuresNum, result.errorsNum))
        elif result.skippedNum:
            print("OK (skipped=%d)" % result.skippedNum)
        else:
            print("OK")
        return result


def main(module="__main__", testRunner=None):
    """Run the tests of a module (or of the one with this name); the TestResult."""
    if isinstance(module, str):
        module = __import__(module)
    runner = testRunner or default_runner or TestRunner
    suite = TestSuite(module.__name__, getattr(module, "__file__", None))
    suite.load(module)
    return (runner() if isinstance(runner, type) else runner).run(suite)
