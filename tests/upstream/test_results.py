"""Runs at once have folders of their own."""

import pytest
from results import Results

pytestmark = pytest.mark.host


def test_two_runs_have_two_folders_and_the_next_gets_an_empty_one(tmp_path):
    first, second = Results(tmp_path, "upstream"), Results(tmp_path, "upstream")
    assert [first.folder.name, second.folder.name] == ["upstream", "upstream.2"]
    (first.folder / "a").write_text("kept")
    (second.folder / "b").write_text("kept")
    first.close()
    third = Results(tmp_path, "upstream")
    assert third.folder == first.folder and not list(third.folder.iterdir())
    assert (second.folder / "b").is_file()
    second.close()
    third.close()
