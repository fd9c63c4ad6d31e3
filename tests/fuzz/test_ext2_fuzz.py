"""Damaged images of ext2, ext3 and ext4 for the frozen file system.

MicroPython's unix port runs 100,000 cases with --full and 2,000 without; CPython runs a part.  A
finding prints its seed and case and gets a unit test.
"""

import hashlib
import sys
from pathlib import Path

import campaign
import ext2_corpus
import pytest

from pyrallax import ROOT

for folder in ("frozen/fs", "tests/sim"):
    sys.path.insert(0, str(ROOT / folder))

from ext2_layout import Layout  # noqa: E402
from ext4_seals import Seals  # noqa: E402

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


def test_seals_agree_with_e2fsprogs(corpus):
    """What is made right again is what was right."""
    for path in corpus.iterdir():
        whole = path.read_bytes()
        layout = Layout(whole)
        seal = Seals(layout, whole)
        image = bytearray(whole)
        for place in layout.places:
            seal(image, place)
        assert image == whole, path.name


@pytest.mark.parametrize("seed", range(4))
def test_unix_port(corpus, full, seed):
    """The heap, less twice the corpus, is the bound of what one case may take."""
    campaign.damaged("unix", "ext2_target.py", corpus, seed, 25_000 if full else 500, "24m")


def test_cpython(corpus, full):
    campaign.damaged("cpython", "ext2_target.py", corpus, 77, 10_000 if full else 500)
