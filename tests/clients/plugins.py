"""Runs pytest with the plugin in a folder of its own, as a user does, and reads its reports."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

from pyrallax import ROOT

# A user has it from the entry point; here it is not installed.  pytest-embedded is there by its
# own, as for everybody who uses this .venv.
PLUGIN = ["-p", "pyrallax.pytest_plugin", "-p", "no:cacheprovider"]


@dataclass
class Inner:
    """A run: its folder, status and output."""

    folder: Path
    status: int
    said: str

    @property
    def counts(self) -> dict[str, int]:
        """Of the last line: {"passed": 3, …}."""
        words = self.said.strip().splitlines()[-1].strip("= ").replace(",", "").split()
        names = ("passed", "failed", "skipped", "error", "errors")
        return {w: int(words[i - 1]) for i, w in enumerate(words) if i and w in names}

    def case(self, name: str) -> ElementTree.Element:
        """The <testcase> of the JUnit XML."""
        tree = ElementTree.parse(self.folder / "r.xml")
        (case,) = [c for c in tree.iter("testcase") if c.get("name") == name]
        return case

    def properties(self, name: str) -> dict[str, str]:
        """Properties of a test case by name."""
        return {p.get("name"): p.get("value") for p in self.case(name).iter("property")}

    @property
    def html(self) -> str:
        return (self.folder / "r.html").read_text("utf-8")


def run(folder: Path, source: str, *words: str, conftest: str = "", timeout: float = 120) -> Inner:
    """Run pytest on this source.  Reports are r.xml and r.html."""
    (folder / "test_it.py").write_text(source)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers -ra\n")
    if conftest:
        (folder / "conftest.py").write_text(conftest)
    argv = [sys.executable, "-m", "pytest", *PLUGIN, "--junitxml=r.xml", "--html=r.html", *words]
    environment = dict(os.environ, PYTHONPATH=str(ROOT / "host"))
    environment.pop("PYTEST_ADDOPTS", None)
    done = subprocess.run(
        argv,
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        timeout=timeout,
    )
    return Inner(folder, done.returncode, done.stdout)
