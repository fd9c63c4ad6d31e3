# Made by `inv stubs` from frozen/targettest/case.py: do not edit.
"""What a test is made of: TestCase with its asserts, skips and expected failures."""

from _typeshed import Incomplete

class SkipTest(Exception):
    """Ends a test that has no sense here.  args[0]: why."""

class TestCase:
    """Tests are the methods named test…; each runs between setUp and tearDown."""
    @classmethod
    def setUpClass(cls) -> None:
        """Runs before the first test of the class."""
    @classmethod
    def tearDownClass(cls) -> None:
        """Runs after the last one."""
    def setUp(self) -> None:
        """Runs before each test."""
    def tearDown(self) -> None:
        """Runs after each test whose setUp went well."""
    def addCleanup(self, function: Incomplete, *args: Incomplete, **kwargs: Incomplete) -> None:
        """Have a function called after tearDown, the last one first, whatever happened."""
    def doCleanups(self) -> None:
        """Call what addCleanup() was given."""
    def subTest(self, msg: Incomplete | None = None, **params: Incomplete) -> Incomplete:
        """Context whose failure is noted, and the test goes on behind it."""
    def skipTest(self, reason: Incomplete) -> None:
        """Raises SkipTest."""
    def fail(self, msg: Incomplete | None = None) -> None:
        """Raises AssertionError."""
    def assertEqual(
        self, first: Incomplete, second: Incomplete, msg: Incomplete | None = None
    ) -> None:
        """first == second."""
    def assertNotEqual(
        self, first: Incomplete, second: Incomplete, msg: Incomplete | None = None
    ) -> None:
        """first != second."""
    def assertLess(
        self, first: Incomplete, second: Incomplete, msg: Incomplete | None = None
    ) -> None:
        """first < second."""
    def assertLessEqual(
        self, first: Incomplete, second: Incomplete, msg: Incomplete | None = None
    ) -> None:
        """first <= second."""
    def assertGreater(
        self, first: Incomplete, second: Incomplete, msg: Incomplete | None = None
    ) -> None:
        """first > second."""
    def assertGreaterEqual(
        self, first: Incomplete, second: Incomplete, msg: Incomplete | None = None
    ) -> None:
        """first >= second."""
    def assertTrue(self, expr: Incomplete, msg: Incomplete | None = None) -> None:
        """Anything true."""
    def assertFalse(self, expr: Incomplete, msg: Incomplete | None = None) -> None:
        """Anything false."""
    def assertIs(
        self, first: Incomplete, second: Incomplete, msg: Incomplete | None = None
    ) -> None:
        """The same object."""
    def assertIsNot(
        self, first: Incomplete, second: Incomplete, msg: Incomplete | None = None
    ) -> None:
        """Two objects."""
    def assertIsNone(self, obj: Incomplete, msg: Incomplete | None = None) -> None:
        """None."""
    def assertIsNotNone(self, obj: Incomplete, msg: Incomplete | None = None) -> None:
        """Anything but None."""
    def assertIn(
        self, member: Incomplete, container: Incomplete, msg: Incomplete | None = None
    ) -> None:
        """member in container."""
    def assertNotIn(
        self, member: Incomplete, container: Incomplete, msg: Incomplete | None = None
    ) -> None:
        """member not in container."""
    def assertIsInstance(
        self, obj: Incomplete, cls: Incomplete, msg: Incomplete | None = None
    ) -> None:
        """isinstance(obj, cls)."""
    def assertNotIsInstance(
        self, obj: Incomplete, cls: Incomplete, msg: Incomplete | None = None
    ) -> None:
        """Not isinstance(obj, cls)."""
    def assertRegex(
        self, text: Incomplete, pattern: Incomplete, msg: Incomplete | None = None
    ) -> None:
        """re.search finds the pattern in the text."""
    def assertAlmostEqual(
        self,
        first: Incomplete,
        second: Incomplete,
        places: Incomplete | None = None,
        msg: Incomplete | None = None,
        delta: Incomplete | None = None,
    ) -> None:
        """Differ by at most delta, or by 0 when rounded to so many places (7)."""
    def assertNotAlmostEqual(
        self,
        first: Incomplete,
        second: Incomplete,
        places: Incomplete | None = None,
        msg: Incomplete | None = None,
        delta: Incomplete | None = None,
    ) -> None:
        """The contrary."""
    def assertRaises(
        self,
        exc: Incomplete,
        func: Incomplete | None = None,
        *args: Incomplete,
        **kwargs: Incomplete,
    ) -> Incomplete:
        """The call raises exc (a class, or a tuple of them); without func a context that does."""
    def assertRaisesRegex(
        self,
        exc: Incomplete,
        pattern: Incomplete,
        func: Incomplete | None = None,
        *args: Incomplete,
        **kwargs: Incomplete,
    ) -> Incomplete:
        """Likewise, and re.search finds the pattern in the exception's text."""
    def assertWarns(self, warning: Incomplete) -> Incomplete:
        """A context that checks nothing: there are no warnings."""

def skip(reason: Incomplete) -> Incomplete:
    """Decorator of a test or a TestCase that does not run here."""

def skipIf(condition: Incomplete, reason: Incomplete) -> Incomplete:
    """skip() if the condition is true."""

def skipUnless(condition: Incomplete, reason: Incomplete) -> Incomplete:
    """skip() unless the condition is true."""

def expectedFailure(test: Incomplete) -> Incomplete:
    """Decorator of a test that fails until somebody mends what it is about."""
