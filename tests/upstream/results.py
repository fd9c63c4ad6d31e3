"""A folder under artifacts/ for the results of one run, when several run at once."""

import fcntl
import itertools
import shutil
from pathlib import Path


class Results:
    """folder: empty, this run's alone until close().  base/NAME, or base/NAME.2 and so on."""

    def __init__(self, base: Path, name: str):
        base.mkdir(exist_ok=True)
        for number in itertools.count(1):
            self.folder = base / (name if number == 1 else f"{name}.{number}")
            self._lock = (base / f"{self.folder.name}.lock").open("w")
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                self._lock.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()

    def close(self) -> None:
        """Leave the folder to the next run."""
        self._lock.close()
