"""The names of micropython-lib's unittest."""

from testcase import (  # noqa: F401
    SkipTest,
    TestCase,
    expectedFailure,
    skip,
    skipIf,
    skipUnless,
)
from testrun import TestResult, TestRunner, TestSuite, main  # noqa: F401

TextTestRunner = TestRunner
