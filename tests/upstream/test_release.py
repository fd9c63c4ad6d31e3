"""MicroPython's release tests on the target, judged by its own run-tests.py, one test per file.

A test may skip itself only with a reason in skip.toml, and one that passes must not be there.
"""

import plan
import pytest

pytestmark = [pytest.mark.boot, pytest.mark.timeout(900)]  # waits while others run

_SKIPS = plan.skips()


@pytest.mark.parametrize("name", [name for f in plan.FOLDERS for name in plan.tests(f)])
def test_release(request, name, release):
    skip = _SKIPS.get(name)
    if skip and not skip.run:
        pytest.skip(skip.reason)
    verdict = release.verdict(name)
    if release.tries(name) > 1:
        request.node.user_properties.append(("tries", release.tries(name)))
    if verdict.outcome == "failed":
        pytest.fail(verdict.detail or "see artifacts/upstream*", pytrace=False)
    if verdict.outcome == "skipped":
        assert skip, "the test skips itself, and skip.toml has no reason for it"
        pytest.skip(skip.reason)
    assert not skip, "it passes: take it out of skip.toml"
