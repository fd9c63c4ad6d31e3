"""What a test is made of: TestCase with its asserts, skips and expected failures."""

import re


class SkipTest(Exception):
    """Ends a test that has no sense here.  args[0]: why."""


class TestCase:
    """Tests are the methods named test…; each runs between setUp and tearDown."""

    @classmethod
    def setUpClass(cls):
        """Runs before the first test of the class."""

    @classmethod
    def tearDownClass(cls):
        """Runs after the last one."""

    def setUp(self):
        """Runs before each test."""

    def tearDown(self):
        """Runs after each test whose setUp went well."""

    def addCleanup(self, function, *args, **kwargs):
        """Have a function called after tearDown, the last one first, whatever happened."""
        if not hasattr(self, "_cleanups"):
            self._cleanups = []
        self._cleanups.append((function, args, kwargs))

    def doCleanups(self):
        """Call what addCleanup() was given."""
        while getattr(self, "_cleanups", None):
            function, args, kwargs = self._cleanups.pop()
            function(*args, **kwargs)

    def subTest(self, msg=None, **params):
        """Context whose failure is noted, and the test goes on behind it."""
        return _SubTest(self, msg, params)

    def skipTest(self, reason):
        """Raises SkipTest."""
        raise SkipTest(reason)

    def fail(self, msg=None):
        """Raises AssertionError."""
        raise AssertionError(msg or "fail() was called")

    def _check(self, good, msg, text, *values):
        if not good:
            said = text % tuple(_short(value) for value in values)
            raise AssertionError("%s : %s" % (said, msg) if msg else said)

    def assertEqual(self, first, second, msg=None):
        """first == second."""
        self._check(first == second, msg, "%s != %s", first, second)

    def assertNotEqual(self, first, second, msg=None):
        """first != second."""
        self._check(first != second, msg, "%s == %s", first, second)

    def assertLess(self, first, second, msg=None):
        """first < second."""
        self._check(first < second, msg, "%s not less than %s", first, second)

    def assertLessEqual(self, first, second, msg=None):
        """first <= second."""
        self._check(first <= second, msg, "%s not less than or equal to %s", first, second)

    def assertGreater(self, first, second, msg=None):
        """first > second."""
        self._check(first > second, msg, "%s not greater than %s", first, second)

    def assertGreaterEqual(self, first, second, msg=None):
        """first >= second."""
        self._check(first >= second, msg, "%s not greater than or equal to %s", first, second)

    def assertTrue(self, expr, msg=None):
        """Anything true."""
        self._check(expr, msg, "%s is not true", expr)

    def assertFalse(self, expr, msg=None):
        """Anything false."""
        self._check(not expr, msg, "%s is not false", expr)

    def assertIs(self, first, second, msg=None):
        """The same object."""
        self._check(first is second, msg, "%s is not %s", first, second)

    def assertIsNot(self, first, second, msg=None):
        """Two objects."""
        self._check(first is not second, msg, "unexpectedly identical: %s", first)

    def assertIsNone(self, obj, msg=None):
        """None."""
        self._check(obj is None, msg, "%s is not None", obj)

    def assertIsNotNone(self, obj, msg=None):
        """Anything but None."""
        self._check(obj is not None, msg, "unexpectedly None")

    def assertIn(self, member, container, msg=None):
        """member in container."""
        self._check(member in container, msg, "%s not found in %s", member, container)

    def assertNotIn(self, member, container, msg=None):
        """member not in container."""
        self._check(member not in container, msg, "%s unexpectedly found in %s", member, container)

    def assertIsInstance(self, obj, cls, msg=None):
        """isinstance(obj, cls)."""
        self._check(isinstance(obj, cls), msg, "%s is not an instance of %s", obj, cls)

    def assertNotIsInstance(self, obj, cls, msg=None):
        """Not isinstance(obj, cls)."""
        self._check(not isinstance(obj, cls), msg, "%s is an instance of %s", obj, cls)

    def assertRegex(self, text, pattern, msg=None):
        """re.search finds the pattern in the text."""
        self._check(re.search(pattern, text), msg, "no %s in %s", pattern, text)

    def assertAlmostEqual(self, first, second, places=None, msg=None, delta=None):
        """Differ by at most delta, or by 0 when rounded to so many places (7)."""
        good, within = _near(first, second, places, delta)
        self._check(good, msg, "%s != %s within %s " + within[0], first, second, within[1])

    def assertNotAlmostEqual(self, first, second, places=None, msg=None, delta=None):
        """The contrary."""
        good, within = _near(first, second, places, delta)
        self._check(not good, msg, "%s == %s within %s " + within[0], first, second, within[1])

    def assertRaises(self, exc, func=None, *args, **kwargs):
        """The call raises exc (a class, or a tuple of them); without func a context that does."""
        context = _Raises(exc, None)
        return context if func is None else context.call(func, args, kwargs)

    def assertRaisesRegex(self, exc, pattern, func=None, *args, **kwargs):
        """Likewise, and re.search finds the pattern in the exception's text."""
        context = _Raises(exc, pattern)
        return context if func is None else context.call(func, args, kwargs)

    def assertWarns(self, warning):
        """A context that checks nothing: there are no warnings."""
        return _SubTest(None, None, {})


def _short(value):
    text = repr(value)
    return text if len(text) <= 300 else text[:200] + "..." + text[-80:]


def _near(first, second, places, delta):
    if delta is not None and places is not None:
        raise TypeError("places or delta, not both")
    if delta is not None:
        return first == second or abs(first - second) <= delta, ("delta", delta)
    places = 7 if places is None else places
    return first == second or round(abs(second - first), places) == 0, ("places", places)


class _Raises:
    """exception: what was raised."""

    def __init__(self, expected, pattern):
        self.expected = expected
        self.pattern = pattern
        self.exception = None

    def call(self, func, args, kwargs):
        with self:
            func(*args, **kwargs)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        if kind is None:
            raise AssertionError("%s not raised" % _names(self.expected))
        if not issubclass(kind, self.expected):
            return False
        self.exception = value
        if self.pattern is not None and not re.search(self.pattern, str(value)):
            raise AssertionError("no %r in %r" % (self.pattern, str(value)))
        return True


def _names(classes):
    every = classes if isinstance(classes, tuple) else (classes,)
    return " or ".join(cls.__name__ for cls in every)


class _SubTest:
    def __init__(self, case, msg, params):
        self.case = case
        self.words = ([str(msg)] if msg is not None else []) + [
            "%s=%r" % (name, params[name]) for name in sorted(params)
        ]

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        note = getattr(self.case, "_note", None)  # of the run; none outside of one
        if kind is None or note is None or not issubclass(kind, Exception):
            return False
        note(value, ", ".join(self.words))
        return True


def skip(reason):
    """Decorator of a test or a TestCase that does not run here."""

    def raises(*args):
        raise SkipTest(reason)

    def decorate(what):
        if isinstance(what, type):
            what.setUpClass = raises
            return what
        return raises

    return decorate


def skipIf(condition, reason):
    """skip() if the condition is true."""
    return skip(reason) if condition else lambda what: what


def skipUnless(condition, reason):
    """skip() unless the condition is true."""
    return skipIf(not condition, reason)


def expectedFailure(test):
    """Decorator of a test that fails until somebody mends what it is about."""

    def contrary(*args):
        case = args[0] if args else None
        note = getattr(case, "_note", None)
        noted = []  # by subTest()
        if note is not None:
            case._note = lambda *problem: noted.append(problem)
        try:
            test(*args)
        except SkipTest:
            raise
        except Exception:
            return
        finally:
            if note is not None:
                case._note = note
        for exception, words in noted:
            if isinstance(exception, SkipTest):
                note(exception, words)
        if not noted:
            raise AssertionError("unexpected success")

    return contrary
