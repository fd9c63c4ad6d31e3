"""The names of micropython-lib's unittest."""

from targettest.case import (  # noqa: F401
    SkipTest,
    TestCase,
    expectedFailure,
    skip,
    skipIf,
    skipUnless,
)
from targettest.run import TestResult, TestRunner, TestSuite, main  # noqa: F401
from targettest.unity import UnityRunner  # noqa: F401

TextTestRunner = TestRunner
