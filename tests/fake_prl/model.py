"""What the stand-ins for Parallels' programs share: their state, and the failures a test wants.

FAKE_PRL_STATE is the folder that holds everything:
  vms/UUID.json   a machine           Parallels/NAME.pvm/   its files
  calls.jsonl     every call of prlctl: words and input
  keys.jsonl      key events that a guest got
  inject.json     failures by name (reference §9.4), written by the test
"""

import fcntl
import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path

STATE = Path(os.environ["FAKE_PRL_STATE"])
HERE = Path(__file__).resolve().parent


def inject(name):
    """The failure's value, None when it is not wanted."""
    try:
        return json.loads((STATE / "inject.json").read_text()).get(name)
    except FileNotFoundError:
        return None


def fail(text, status=255):
    print(text, file=sys.stderr)
    sys.exit(status)


@contextmanager
def locked():
    """Parallels' service does one thing at a time."""
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def alive(pid):
    """Whether a guest's process runs; it is nobody's child here, so a zombie counts as gone."""
    if not pid:
        return False
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


class Vm:
    """One machine; save() writes it."""

    def __init__(self, row):
        self.row = row

    def __getattr__(self, name):
        try:
            return self.row[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def home(self):
        return STATE / "Parallels" / f"{self.row['name']}.pvm"

    def save(self):
        (STATE / "vms").mkdir(parents=True, exist_ok=True)
        new = STATE / "vms" / f"{self.uuid}.new"  # a test may read it at any time
        new.write_text(json.dumps(self.row, indent=1))
        new.replace(new.with_suffix(".json"))

    def log(self, text):
        with (self.home / "parallels.log").open("a") as file:
            file.write(text + "\n")

    @property
    def status(self):
        """As it is now: a guest that ended is a machine that stopped."""
        status = self.row["status"]
        if status in ("running", "stopping") and not alive(self.row["pid"]):
            if status == "stopping" and inject("stuck") == "forever":
                return status
            self.row["status"] = "stopped"
            self.save()
        return self.row["status"]


def vms():
    return [Vm(json.loads(path.read_text())) for path in sorted((STATE / "vms").glob("*.json"))]


def find(word):
    word = word.strip("{}").lower()
    for vm in vms():
        if word in (vm.uuid, vm.name.lower()):
            return vm
    fail("Failed to get VM config: The virtual machine could not be found. The virtual machine is"
         " not registered in the virtual machine directory on your Mac.")  # fmt: skip
