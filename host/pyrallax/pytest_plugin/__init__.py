"""pytest plugin: tests on a machine, with its serial log, screen and evidence in the reports.

Fixtures are in fixtures.py, options and markers in options.py; docs/test-your-code.md tells.
"""

pytest_plugins = [
    f"{__name__}.{part}" for part in ("options", "fixtures", "retry", "evidence", "html", "hold")
]
