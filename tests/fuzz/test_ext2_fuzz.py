"""Damaged ext2 images for the frozen file system.

MicroPython's unix port runs 100,000 cases with --full and 2,000 without; CPython runs a part.  A
finding prints its seed and case and gets a unit test.
"""

import hashlib
from pathlib import Path

import campaign
import ext2_corpus
import pytest

pytestmark = [pytest.mark.storage, pytest.mark.timeout(0)]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    return ext2_corpus.make(tmp_path_factory.mktemp("images"))


def _sums(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}


def test_the_same_images_each_time(corpus, tmp_path, monkeypatch):
    """In a later second, for another commit: a seed finds the same thing again."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1234567890")
    again = _sums(ext2_corpus.make(tmp_path))
    assert again == _sums(corpus) and set(again) == set(ext2_corpus.IMAGES)


@pytest.mark.parametrize("seed", range(4))
def test_unix_port(corpus, full, seed):
    """The heap is the bound of what one case may take."""
    campaign.damaged("unix", "ext2_target.py", corpus, seed, 25_000 if full else 500, "12m")


def test_cpython(corpus, full):
    campaign.damaged("cpython", "ext2_target.py", corpus, 77, 10_000 if full else 500)
