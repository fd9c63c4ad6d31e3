"""pytest-html: one page with everything in it, pictures of the boots at its head."""

import base64
from html import escape
from pathlib import Path
from typing import Any

import pytest

from . import timeline

_OPEN = ("panic", "environment")  # shown without a click


def add(config: pytest.Config, report: pytest.TestReport, kept: dict[str, str]) -> None:
    """What was kept of a test, as extras of its report."""
    if not config.getoption("htmlpath", None):
        return
    from pytest_html import extras

    added = []
    for name, text in kept.items():
        if name == "screenshot":
            picture = base64.b64encode(Path(text).read_bytes()).decode("ascii")
            added.append(extras.png(picture, name="screenshot"))
            continue
        state = " open" if name in _OPEN else ""
        added.append(
            extras.html(
                f"<details{state}><summary>{escape(name)}</summary>"
                f"<pre>{escape(text)}</pre></details>"
            )
        )
    report.extras = [*getattr(report, "extras", []), *added]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("htmlpath", None):
        config.option.self_contained_html = True  # before pytest-html looks
    config.pluginmanager.register(_Boots(), "pyrallax-boots")


class _Boots:
    """Gathers the boots of all workers, and tests that got a second machine."""

    def __init__(self) -> None:
        self._boots: list[dict] = []
        self._retried: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._boots += getattr(report, "pyrallax", {}).get("boots", [])
        if report.when == "teardown":
            why = dict(report.user_properties).get("retried_on_a_fresh_machine")
            if why:
                self._retried.append(f"{report.nodeid}: {why}")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self._retried:
            terminalreporter.section("machines at fault")
            for line in self._retried:
                terminalreporter.line(f"run again on a fresh machine: {line}")

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_summary(self, prefix: list[str]) -> None:
        prefix += [timeline.figure(boot) for boot in self._boots]
