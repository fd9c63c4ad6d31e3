"""Results as lines of the Unity test framework, which pytest-embedded and others read.

FILE:LINE:NAME:PASS, :FAIL: TEXT or :IGNORE: TEXT, and at the end `N Tests N Failures N Ignored`.
"""

import re

from targettest.run import TestResult, traceback_of

_DEFINITION = r"^(\s*)(?:async )?(class|def) +(\w+)"
_FRAME = r'File "([^"]+)", line (\d+)'


class UnityRunner:
    """Runs a suite and prints such lines.  final: and whether all went well, as twister wants."""

    def __init__(self, final=True):
        self.final = final

    def run(self, suite):
        """Run a suite; its TestResult."""
        result = suite.run(_UnityResult())
        result.summary()
        if self.final:
            print(verdict(result.wasSuccessful()))
        return result


def verdict(good):
    """The line that Zephyr's twister waits for."""
    return "PROJECT EXECUTION " + ("SUCCESSFUL" if good else "FAILED")


class _UnityResult(TestResult):
    def __init__(self):
        super().__init__()
        self.failed = 0
        self.lines = {}  # of a file: {name of a definition: its line}

    def summary(self):
        """The lines at the end."""
        counts = (self.testsRun, self.failed, self.skippedNum)
        print("-" * 23)
        print("%d Tests %d Failures %d Ignored" % counts)
        print("FAIL" if self.failed else "OK")

    def stopTest(self, test, problems, skip):
        super().stopTest(test, problems, skip)
        line = self._definition(test)
        if problems:
            self.failed += 1
            for exception, _ in problems:
                print(traceback_of(exception), end="")
            line = self._raised(test, problems[0][0]) or line
            text = "; ".join(self._text(test, *problem) for problem in problems)
            said = "FAIL: " + _one_line(text)
        elif skip is not None:
            said = "IGNORE: " + _one_line(skip)
        else:
            said = "PASS"
        print("%s:%d:%s:%s" % (test.file or "<stdin>", line, test.full_name, said))

    def _definition(self, test):
        """Line where the test is defined; 0 where nobody knows."""
        if test.file not in self.lines:
            self.lines[test.file] = _definitions(test.file)
        return self.lines[test.file].get(test.full_name, 0)

    def _raised(self, test, exception):
        """Line of the test's file that it came from, the innermost; None if from elsewhere."""
        found = None
        for text in traceback_of(exception).split("\n"):
            frame = re.search(_FRAME, text)
            if frame and frame.group(1) == test.file:
                found = int(frame.group(2))
        return found

    def _text(self, test, exception, words):
        text = str(exception)
        if not isinstance(exception, AssertionError):
            text = "%s: %s" % (type(exception).__name__, text)
        elif not text:  # a bare assert: what it says is the best there is
            text = _source(test.file, self._raised(test, exception)) or "AssertionError"
        return "(%s) %s" % (words, text) if words else text


def _one_line(text):
    return " | ".join(line.strip() for line in text.split("\n") if line.strip())


def _lines(file):
    """Lines of a text file, none of one that is not there."""
    try:
        with open(file or "") as source:
            return source.read().split("\n")
    except OSError:
        return []


def _source(file, line):
    lines = _lines(file)
    return lines[line - 1].strip() if line and line <= len(lines) else ""


def _definitions(file):
    """{"function" or "Class.method": line}."""
    found = {}
    owner = ""
    for number, line in enumerate(_lines(file), 1):
        match = re.match(_DEFINITION, line)
        if match:
            indent, kind, name = match.group(1), match.group(2), match.group(3)
            if not indent:
                owner = name if kind == "class" else ""
            if kind == "def":
                found["%s.%s" % (owner, name) if indent and owner else name] = number
    return found
