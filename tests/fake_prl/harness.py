"""The fixture `prl`: Parallels Desktop's programs, played by the scripts in this folder."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SMALL = "70m"  # a disk that takes no time


class FakePrl:
    """state: the folder of FAKE_PRL_STATE (model.py)."""

    def __init__(self, state: Path):
        self.state = state

    def inject(self, **failures) -> None:
        """Failures from now on, in place of those before; `_` in their names is `-`."""
        wanted = {name.replace("_", "-"): value for name, value in failures.items()}
        self.state.mkdir(exist_ok=True)
        new = self.state / "inject.new"  # a guest may read it at any time
        new.write_text(json.dumps(wanted))
        new.replace(self.state / "inject.json")

    def help_is(self, **pages: str) -> None:
        """Another version's help, by the words that ask for it."""
        (self.state / "help").mkdir(parents=True, exist_ok=True)
        for name, text in pages.items():
            (self.state / "help" / name.replace("_", "-")).write_text(text)

    def _lines(self, name: str) -> list:
        path = self.state / name
        return (
            [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        )

    def calls(self, action: str = "") -> list[list[str]]:
        """What prlctl was asked, words after the action; all calls whole without an action."""
        calls = [call["words"] for call in self._lines("calls.jsonl")]
        return [words[1:] for words in calls if words[:1] == [action]] if action else calls

    def keys(self) -> list[list[dict]]:
        """The batches of keys that guests got."""
        return self._lines("keys.jsonl")

    def vms(self) -> dict[str, dict]:
        """The machines by name."""
        rows = [json.loads(path.read_text()) for path in self.state.glob("vms/*.json")]
        return {row["name"]: row for row in rows}

    def prlctl(self, *words: str) -> None:
        """What the user does himself."""
        subprocess.run([HERE / "prlctl", *words], check=True, stdout=subprocess.DEVNULL)

    def end(self) -> None:
        """No guest outlives its test."""
        for row in self.vms().values():
            if row["pid"]:
                try:
                    os.kill(row["pid"], signal.SIGKILL)
                except ProcessLookupError:
                    pass


@pytest.fixture
def prl(tmp_path, monkeypatch):
    """Fake prlctl and its companions first on PATH; guests are scripts (FAKE_PRL_GUEST)."""
    fake = FakePrl(tmp_path / "prl")
    monkeypatch.setenv("FAKE_PRL_STATE", str(fake.state))
    monkeypatch.setenv("FAKE_PRL_GUEST", "script")
    monkeypatch.setenv("PYRALLAX_STATE", str(tmp_path / "record"))
    # Their interpreter, without what stands before it on PATH: pyenv's takes half a second.
    python = tmp_path / "bin" / "python3"
    python.parent.mkdir()
    python.symlink_to(os.path.realpath(sys.executable))
    path = [str(python.parent), str(HERE), os.environ["PATH"]]
    monkeypatch.setenv("PATH", os.pathsep.join(path))
    yield fake
    fake.end()
