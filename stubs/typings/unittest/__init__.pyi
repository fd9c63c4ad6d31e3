# Made by `inv stubs` from frozen/targettest/unittest.py: do not edit.
"""The names of micropython-lib's unittest."""

from targettest.case import SkipTest as SkipTest
from targettest.case import TestCase as TestCase
from targettest.case import expectedFailure as expectedFailure
from targettest.case import skip as skip
from targettest.case import skipIf as skipIf
from targettest.case import skipUnless as skipUnless
from targettest.run import TestResult as TestResult
from targettest.run import TestRunner as TestRunner
from targettest.run import TestSuite as TestSuite
from targettest.run import main as main
from targettest.unity import UnityRunner as UnityRunner

TextTestRunner = TestRunner
