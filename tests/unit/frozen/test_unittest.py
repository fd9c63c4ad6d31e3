"""unittest on the target, its text for people, and Unity's lines for programs."""

import tracebacks  # noqa: F401
from targettest import run as testrun
from targettest import unity
from targettest.case import SkipTest, TestCase, expectedFailure, skip, skipIf, skipUnless

AREA = "host"


class _Said:
    """print() of the modules under test, kept."""

    def __init__(self):
        self.text = ""

    def __call__(self, *values, end="\n"):
        self.text += " ".join(str(value) for value in values) + end

    def lines(self):
        return [line for line in self.text.split("\n") if line]


def _run(*what, runner=unity.UnityRunner, file=None, said=None):
    """(result, what it printed)."""
    said = said or _Said()
    suite = testrun.TestSuite("m", file)
    for one in what:
        suite.addTest(one)
    testrun.print = unity.print = said
    try:
        result = runner().run(suite)
    finally:
        del testrun.print, unity.print
    return result, said


def _counts(result):
    return result.testsRun, result.failuresNum, result.errorsNum, result.skippedNum


_calls = []


class Order(TestCase):
    def setUp(self):
        _calls.append("up")
        self.addCleanup(_calls.append, "clean 1")
        self.addCleanup(lambda: _calls.append("clean 2"))

    def tearDown(self):
        _calls.append("down")

    @classmethod
    def setUpClass(cls):
        _calls.append("class up")

    @classmethod
    def tearDownClass(cls):
        _calls.append("class down")

    def test_b(self):
        _calls.append("b")
        assert False

    def test_a(self):
        _calls.append("a")

    def helper(self):
        _calls.append("never")


def test_order_of_calls():
    del _calls[:]
    result, _ = _run(Order)
    each = ["down", "clean 2", "clean 1"]
    assert _calls == (["class up", "up", "a"] + each + ["up", "b"] + each + ["class down"]), _calls
    assert _counts(result) == (2, 1, 0, 0)


def _outcome(check):
    """Text of the AssertionError of a check, None when it holds."""
    try:
        check(TestCase())
    except AssertionError as why:
        return str(why)
    return None


HOLD = [
    lambda t: t.assertEqual([1], [1]),
    lambda t: t.assertNotEqual(1, 2),
    lambda t: t.assertLess(1, 2),
    lambda t: t.assertLessEqual(2, 2),
    lambda t: t.assertGreater(2, 1),
    lambda t: t.assertGreaterEqual(2, 2),
    lambda t: t.assertTrue([0]),
    lambda t: t.assertFalse([]),
    lambda t: t.assertIs(None, None),
    lambda t: t.assertIsNot([], []),
    lambda t: t.assertIsNone(None),
    lambda t: t.assertIsNotNone(0),
    lambda t: t.assertIn(1, [1]),
    lambda t: t.assertNotIn(2, [1]),
    lambda t: t.assertIsInstance(1, (str, int)),
    lambda t: t.assertNotIsInstance(1, str),
    lambda t: t.assertRegex("abc", "b."),
    lambda t: t.assertAlmostEqual(1.0, 1.00000001),
    lambda t: t.assertAlmostEqual(1, 1.4, places=0),
    lambda t: t.assertAlmostEqual(1, 2, delta=1),
    lambda t: t.assertNotAlmostEqual(1, 1.1),
    lambda t: t.assertNotAlmostEqual(1, 2, delta=0.5),
    lambda t: t.assertRaises(KeyError, lambda: {}[1]),
    lambda t: t.assertRaises((KeyError, ValueError), int, "x"),
    lambda t: t.assertRaisesRegex(ValueError, "inv", int, "x"),
]
FAIL = [
    (lambda t: t.assertEqual(1, 2), "1 != 2"),
    (lambda t: t.assertEqual(1, 2, "why"), "1 != 2 : why"),
    (lambda t: t.assertNotEqual(1, 1), "1 == 1"),
    (lambda t: t.assertLess(2, 2), "2 not less than 2"),
    (lambda t: t.assertLessEqual(3, 2), "3 not less than or equal to 2"),
    (lambda t: t.assertGreater(2, 2), "2 not greater than 2"),
    (lambda t: t.assertGreaterEqual(1, 2), "1 not greater than or equal to 2"),
    (lambda t: t.assertTrue(0), "0 is not true"),
    (lambda t: t.assertFalse("x"), "'x' is not false"),
    (lambda t: t.assertIs(1, None), "1 is not None"),
    (lambda t: t.assertIsNot(None, None), "unexpectedly identical: None"),
    (lambda t: t.assertIsNone(0), "0 is not None"),
    (lambda t: t.assertIsNotNone(None), "unexpectedly None"),
    (lambda t: t.assertIn(1, []), "1 not found in []"),
    (lambda t: t.assertNotIn(1, [1]), "1 unexpectedly found in [1]"),
    (lambda t: t.assertNotIsInstance(1, int), "1 is an instance of <class 'int'>"),
    (lambda t: t.assertRegex("abc", "x"), "no 'x' in 'abc'"),
    (lambda t: t.assertAlmostEqual(1, 2), "1 != 2 within 7 places"),
    (lambda t: t.assertAlmostEqual(1, 3, delta=1), "1 != 3 within 1 delta"),
    (lambda t: t.assertNotAlmostEqual(1, 1), "1 == 1 within 7 places"),
    (lambda t: t.assertRaises(KeyError, len, []), "KeyError not raised"),
    (lambda t: t.assertRaises((KeyError, OSError), len, []), "KeyError or OSError not raised"),
    (lambda t: t.fail("so"), "so"),
    (lambda t: t.assertEqual("x" * 999, 1), None),
]


def test_asserts():
    for number, check in enumerate(HOLD):
        assert _outcome(check) is None, number
    for check, text in FAIL:
        said = _outcome(check)
        assert said is not None, text
        if text:
            assert said == text, said
        assert len(said) < 330


def test_raises_keeps_the_exception_and_lets_others_through():
    case = TestCase()
    with case.assertRaises(OSError) as caught:
        raise OSError(5)
    assert caught.exception.args[0] == 5
    try:
        with case.assertRaises(OSError):
            raise KeyError(1)
    except KeyError:
        pass
    else:
        raise AssertionError("KeyError was taken")
    assert "no 'b' in" in _outcome(lambda t: t.assertRaisesRegex(ValueError, "b", _value_error))


def _value_error():
    raise ValueError("a")


class Skips(TestCase):
    @skip("one")
    def test_1(self):
        raise KeyError

    @skipIf(True, "two")
    def test_2(self):
        raise KeyError

    @skipUnless(True, "never")
    def test_3(self):
        pass

    def test_4(self):
        self.skipTest("four")

    @expectedFailure
    def test_5(self):
        assert False

    @expectedFailure
    def test_6(self):
        pass


@skip("all of it")
class SkippedClass(TestCase):
    def test_1(self):
        raise KeyError


def test_skips_and_expected_failures():
    result, said = _run(Skips, SkippedClass, runner=testrun.TestRunner)
    assert _counts(result) == (7, 1, 0, 4)
    assert said.lines()[:7] == [
        "test_1 (m.Skips) ... skipped: one",
        "test_2 (m.Skips) ... skipped: two",
        "test_3 (m.Skips) ... ok",
        "test_4 (m.Skips) ... skipped: four",
        "test_5 (m.Skips) ... ok",
        "test_6 (m.Skips) ... FAIL",
        "test_1 (m.SkippedClass) ... skipped: all of it",
    ]
    assert "unexpected success" in said.text
    # What MicroPython's run-tests.py looks for, from the end.
    tail = said.text.split("\n")[-5:]
    assert tail == ["-" * 70, "Ran 7 tests", "", "FAILED (failures=1, errors=0)", ""]
    assert repr(result) == "<unittest.result.TestResult run=7 errors=0 failures=1>"


class Bad(TestCase):
    def setUp(self):
        raise OSError("no disk")

    def tearDown(self):
        raise KeyError("never called")

    def test_1(self):
        raise KeyError("never called")


class BadClass(TestCase):
    @classmethod
    def setUpClass(cls):
        raise OSError("no bus")

    def test_1(self):
        pass

    def test_2(self):
        pass


class BadEnd(TestCase):
    @classmethod
    def tearDownClass(cls):
        raise OSError("left open")

    def test_1(self):
        pass


def test_no_test_goes_missing():
    result, said = _run(Bad, BadClass, BadEnd, file="m.py")
    assert _counts(result) == (5, 0, 5 - 1, 0)
    assert [line for line in said.lines() if line.startswith("m.py:")] == [
        "m.py:0:Bad.test_1:FAIL: OSError: no disk",
        "m.py:0:BadClass.test_1:FAIL: (setUpClass) OSError: no bus",
        "m.py:0:BadClass.test_2:FAIL: (setUpClass) OSError: no bus",
        "m.py:0:BadEnd.test_1:PASS",
        "m.py:0:BadEnd.tearDownClass:FAIL: OSError: left open",
    ]
    assert said.lines()[-3:] == ["5 Tests 4 Failures 0 Ignored", "FAIL", unity.verdict(False)]


class Subs(TestCase):
    def test_each(self):
        for n in range(4):
            with self.subTest("odd", n=n):
                self.assertEqual(n % 2, 0)

    def test_skip_in_one(self):
        with self.subTest(n=1):
            raise SkipTest("not here")
        with self.subTest(n=2):
            raise OSError(2)


def test_subtests_are_one_line():
    result, said = _run(Subs)
    assert _counts(result) == (2, 2, 1, 0)
    found = [line for line in said.lines() if line.startswith("<stdin>:")]
    assert found[0] == "<stdin>:0:Subs.test_each:FAIL: (odd, n=1) 1 != 0; (odd, n=3) 1 != 0"
    assert found[1].startswith("<stdin>:0:Subs.test_skip_in_one:FAIL: (n=2) OSError: ")
    assert "2 Tests 2 Failures 0 Ignored" in said.text


class Waits(TestCase):
    async def test_waits(self):
        import asyncio

        await asyncio.sleep(0)
        raise ValueError("two\nlines")


def plain_function():
    raise AssertionError


def test_coroutines_and_functions():
    result, said = _run(Waits, plain_function, TestCase())
    assert _counts(result) == (2, 1, 1, 0)
    assert "Waits.test_waits:FAIL: ValueError: two | lines\n" in said.text
    assert ":0:plain_function:FAIL: AssertionError" in said.text


def test_lines_of_a_file():
    _, said = _run(Order, Skips, file=__file__)
    with open(__file__) as file:
        lines = file.read().split("\n")
    one = lines.index("    def test_a(self):") + 1
    two = lines.index("        assert False") + 1
    assert "%s:%d:Order.test_a:PASS" % (__file__, one) in said.text
    assert "%s:%d:Order.test_b:FAIL: assert False" % (__file__, two) in said.text
    assert ":Skips.test_4:IGNORE: four\n" in said.text


def test_all_well():
    class Good(TestCase):
        def test_1(self):
            pass

    result, said = _run(Good)
    assert result.wasSuccessful() and result.testsRun == 1
    assert said.lines()[-4:] == [
        "-" * 23,
        "1 Tests 0 Failures 0 Ignored",
        "OK",
        unity.verdict(True),
    ]
    _, said = _run(Good, runner=testrun.TestRunner)
    assert said.text.endswith("Ran 1 tests\n\nOK\n")
    both = testrun.TestResult() + result
    assert both.testsRun == 1


def test_main_takes_what_a_module_has():
    class Module:
        __name__ = "mod"
        __file__ = "mod.py"
        TestCase = TestCase
        Skips = Skips
        other = 3

        @staticmethod
        def test_function():
            pass

    class Runner:
        def run(self, suite):
            return [suite.name, suite.file, suite.tests]

    module = Module()
    name, file, tests = testrun.main(module, Runner)
    assert (name, file) == ("mod", "mod.py") and len(tests) == 2
    assert tests[0] is Skips


class Exits(TestCase):
    def test_1(self):
        raise SystemExit(0)

    def test_2(self):
        with self.subTest(n=1):
            raise SystemExit

    def test_3(self):
        with self.assertRaises(SystemExit):
            raise SystemExit(3)

    @expectedFailure
    def test_4(self):
        raise SystemExit


class ExitsBefore(Exits):
    @classmethod
    def setUpClass(cls):
        raise SystemExit(0)


def test_exit_in_a_test_is_an_error_of_that_test():
    result, said = _run(Exits)
    assert _counts(result) == (4, 0, 3, 0), said.text
    assert said.lines()[-2:] == ["FAIL", "PROJECT EXECUTION FAILED"]
    result, _ = _run(ExitsBefore)
    assert _counts(result) == (4, 0, 4, 0)


class NotATest(TestCase):
    test_data = [1]

    @property
    def test_property(self):
        raise ValueError("nobody asked for it")

    def test_one(self):
        pass


def test_only_methods_are_tests():
    result, _ = _run(NotATest)
    assert _counts(result) == (1, 0, 0, 0)


class _Stop(BaseException):
    pass


class Interrupted(TestCase):
    where = "test"
    how = KeyboardInterrupt

    def _perhaps(self, where):
        if where == self.where:
            raise self.how

    def setUp(self):
        self.addCleanup(self._perhaps, "cleanup")
        self._perhaps("setUp")

    def tearDown(self):
        self._perhaps("tearDown")

    def test_1(self):
        self._perhaps("test")


def test_what_ends_the_run_is_no_pass():
    for how in KeyboardInterrupt, _Stop:
        for where in "setUp", "test", "tearDown", "cleanup":
            Interrupted.how, Interrupted.where = how, where
            said = _Said()
            try:
                _run(Interrupted, said=said)
            except BaseException as why:
                assert type(why) is how
            else:
                raise AssertionError("the run went on")
            line = [line for line in said.lines() if line.startswith("<stdin>:")]
            assert line == ["<stdin>:0:Interrupted.test_1:FAIL: %s:" % how.__name__], line


class Cancelled(TestCase):
    async def test_1(self):
        import asyncio

        raise asyncio.CancelledError

    def test_2(self):
        pass


def test_a_cancelled_test_is_an_error_of_that_test():
    result, _ = _run(Cancelled)
    assert _counts(result) == (2, 0, 1, 0)


class Decorated:
    __name__ = "m"
    test_skipped = staticmethod(skip("one")(plain_function))
    test_contrary = staticmethod(expectedFailure(plain_function))


def test_a_decorated_function_keeps_its_name():
    suite = testrun.TestSuite("m")
    suite.load(Decorated())
    result, said = _run(suite)
    assert _counts(result) == (2, 0, 0, 1)
    assert said.lines()[:2] == [
        "<stdin>:0:test_contrary:PASS",
        "<stdin>:0:test_skipped:IGNORE: one",
    ]


class ContrarySubs(TestCase):
    @expectedFailure
    def test_1(self):
        for n in range(3):
            with self.subTest(n=n):
                self.assertEqual(n, 1)

    @expectedFailure
    def test_2(self):
        with self.subTest(n=1):
            self.skipTest("not here")


def test_a_failing_subtest_is_the_expected_failure():
    result, said = _run(ContrarySubs)
    assert _counts(result) == (2, 0, 0, 1)
    assert [line for line in said.lines() if line.startswith("<stdin>:")] == [
        "<stdin>:0:ContrarySubs.test_1:PASS",
        "<stdin>:0:ContrarySubs.test_2:IGNORE: not here",
    ]
