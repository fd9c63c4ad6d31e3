"""Starts the lanes for the tests that were chosen, and gives each test its verdict."""

import re
import sys
import threading
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import plan
from lane import Lane, Verdict
from results import Results

from pyrallax import ARTIFACTS

_LANES = 2
# Count what happened within milliseconds of the wall clock, which a busy host does not give a
# guest: run again before they count as failed.
_TIMED = re.compile("asyncio|timer|time_|sleep|ticks")
_TRIES = 3


class Release:
    """Runs tests of the release on two machines at a time, in the background."""

    def __init__(self, wanted: set[str]):
        self._queue = list(enumerate(plan.groups(wanted)))
        self._known: dict[str, Verdict] = {}
        self._tries: dict[str, int] = {}
        self._changed = threading.Condition()
        self._results = Results(ARTIFACTS, "upstream")
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(_LANES)]
        for thread in self._threads:
            thread.start()

    def _work(self) -> None:
        lane = Lane(plan.source(), self._results.folder, self._report)
        while True:
            with self._changed:
                if not self._queue:
                    return
                number, group = self._queue.pop(0)
            try:
                lane.run(f"{self._results.folder.name}-{number}", group)
            except Exception as error:  # none may leave tests waiting for their verdict
                for test in group.tests:
                    if test not in self._known:
                        self._report(test, Verdict("failed", f"the lane broke: {error!r}"))

    def _report(self, test: str, verdict: Verdict) -> None:
        with self._changed:
            tries = self._tries[test] = self._tries.get(test, 0) + 1
            if verdict.outcome == "failed" and _TIMED.search(test) and tries < _TRIES:
                again = plan.groups({test})
                self._queue += [(f"again{tries}-{n}", group) for n, group in enumerate(again)]
                return
            self._known[test] = verdict
            self._changed.notify_all()

    def verdict(self, test: str) -> Verdict:
        """The judge's word on a test, once there is one."""
        with self._changed:
            self._changed.wait_for(lambda: test in self._known)
            return self._known[test]

    def tries(self, test: str) -> int:
        """How often a test was run until its verdict."""
        return self._tries.get(test, 0)

    def stop(self) -> None:
        """Take no further group."""
        with self._changed:
            self._queue.clear()
        self._results.close()


@pytest.fixture(scope="session")
def release(request):
    """The release's tests that this session has chosen and that skip.toml lets run."""
    listed = plan.skips()
    chosen = {
        item.callspec.params["name"]
        for item in request.session.items
        if "release" in item.fixturenames
    }
    run = Release({name for name in chosen if name not in listed or listed[name].run})
    yield run
    run.stop()
