"""A machine in Parallels Desktop: made fresh under a name of its own, deleted at the end.

Each step is one call of `prlctl`; what it cannot do is read from its own help (prl.usage).  Only
machines in our record (prl.record) are ever stopped or deleted, by UUID.
"""

import atexit
import shutil
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from ..image import parallels
from ..image.esp import ImageError
from ..wire import WireClosed
from .config import Unfit
from .machine import Machine
from .prl import mac, screen, serial
from .prl.ctl import Prlctl, check_licence, hint, one_line, uninterrupted
from .prl.end import clean_left_over, delete
from .prl.keyline import KeyLine
from .prl.keys import PrlKeyboard
from .prl.make import Maker, Parallels, make_disk
from .prl.record import Entry, Record, fresh_name
from .prl.usage import Usage

_RUNS = ("running", "starting", "resuming", "paused")
_CONNECT_S = 60.0  # from `prlctl start` to a serial socket
_RESET_S = 1.0  # a socket that goes with a reset has gone by then
_LOOK_S = 0.1
_LOG_LINES = 40
_running: "weakref.WeakSet[ParallelsVm]" = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    for vm in list(_running):
        vm.close()


def _tell(text: str) -> None:
    print(f"pyrallax: {text}", file=sys.stderr, flush=True)


class ParallelsVm(Machine):
    """say: gets what the user should know, a line each.  input: whether the serial line can carry
    keys to the machine at all.
    """

    kind = "parallels"
    prompt_s = 60.0

    def __init__(
        self,
        config: Parallels | None = None,
        name: str = "",
        copy: BinaryIO | None = None,
        say: Callable[[str], None] = _tell,
    ):
        super().__init__(name or fresh_name())
        self.config = config or Parallels()
        self.input = True
        self.say = say
        self._copy = copy
        self._record = Record()
        self._entry: Entry | None = None
        self._file: serial.File | None = None
        self._keys: KeyLine | None = None
        self._awake: mac.Awake | None = None
        self._starting: subprocess.Popen | None = None
        self._start_said = ""
        self._asking = threading.Lock()
        self._home: Path | None = None
        self._started = 0.0
        self._up = False

    @classmethod
    def of(cls, entry: Entry) -> "ParallelsVm":
        """One of the record that another run started: its screen, keys and log, no serial line."""
        vm = cls(name=entry.name)
        vm._prlctl = Prlctl()
        vm._usage = Usage(vm._prlctl)
        vm._entry = entry
        vm._started = time.monotonic() - mac.seconds_since(entry.started)
        return vm

    # ---- begin

    def start(self) -> "ParallelsVm":
        """Make the machine and switch it on.  Raises Unfit, then nothing of it is left."""
        self._prlctl = Prlctl()
        self._usage = Usage(self._prlctl)
        clean_left_over(self._prlctl, self._record, self.say)  # first: it may have our name
        self._check()
        _running.add(self)
        try:
            self._make()
            self._awake = mac.Awake()
            self._switch_on()
            self._up = True
        except BaseException:
            self.close()
            raise
        return self

    @property
    def uuid(self) -> str:
        """Of the machine, as prlctl takes it.  Raises Unfit before start()."""
        if not self._entry or not self._entry.uuid:
            raise Unfit(f"{self.name} is not there: start it first")
        return self._entry.uuid

    def _check(self) -> None:
        """What can be known before anything is made."""
        try:
            parallels.disk_tool()
        except ImageError as why:
            raise Unfit(str(why)) from None
        check_licence(self.config.cpus, self.config.memory)
        machines = self._prlctl.machines()
        name = self.name.lower()  # of a folder on a Mac, too
        if any(m.name.lower() == name for m in machines):
            raise Unfit(f"there is a machine named {self.name} already: choose another --name")
        uuids = [m.uuid for m in machines]
        for entry in self._record.entries():
            if entry.kept and entry.name.lower() == name and entry.uuid not in uuids:
                self._record.remove(entry)  # somebody deleted it in Parallels

    def _make(self) -> None:
        entry = self._record.add(self.name)
        folder = self._record.folder_of(self.name)
        try:
            folder.mkdir(parents=True)
        except OSError as why:
            self._record.remove(entry, folders=False)
            if not isinstance(why, FileExistsError):
                raise
            raise Unfit(
                f"{folder} is left of another machine: delete it, or choose another --name"
            ) from None
        self._entry = entry
        bundle = make_disk(self.config, folder)
        with uninterrupted():  # until its UUID is known, nothing proves that it is ours
            self._prlctl.run(
                "create", self.name, "--ostype", "linux", "--distribution", "linux", "--no-hdd"
            )
            made = [m for m in self._prlctl.machines() if m.name == self.name]
            if len(made) != 1:
                raise Unfit(
                    f"prlctl made {len(made)} machines named {self.name}: look with prlctl list"
                )
            self._entry.uuid = made[0].uuid
            self._record.put(self._entry)
        maker = Maker(self._prlctl, self._usage, self.uuid, self.say)
        maker.configure(self.config, bundle)
        self._add_serial(maker)

    def _add_serial(self, maker: Maker) -> None:
        assert self._entry
        wanted = self.config.line
        if wanted != "file":
            folder = serial.socket_folder()
            if maker.add_socket(folder / "serial"):
                self._entry.socket = str(folder / "serial")
                self._record.put(self._entry)
                return
            folder.rmdir()
            if wanted == "socket":
                raise Unfit("this prlctl makes no serial socket: leave out --line socket")
            self.say("this prlctl makes no serial socket: the line goes to a file, output only")
        maker.add_file(self._serial_file)
        self.input = self.config.input == "keyboard"

    @property
    def _serial_file(self) -> Path:
        return self._record.folder_of(self.name) / "serial.txt"

    def _switch_on(self) -> None:
        self.log = self._open_log()
        self._starting = subprocess.Popen(
            [self._prlctl.path, "start", self.uuid],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self._start_said = ""
        self._started = time.monotonic()
        # Connect while `start` still runs: what is said to nobody is lost.
        self._attach()
        self._await_start()

    def _attach(self) -> None:
        assert self.log and self._entry
        typed = self.config.input == "keyboard"
        ends = (None, None) if typed else (self.log, self._copy)
        if self._entry.socket:
            path = Path(self._entry.socket)
            self.wire = serial.connect(path, _CONNECT_S, *ends, self.evidence)
        else:
            self._file = serial.File(self._serial_file, *ends, self.evidence)
            self.wire = self._file.wire
        if typed:
            self._keys = KeyLine(
                self.wire, self.keyboard.chords, self.say, log=self.log, copy=self._copy
            )
            self.wire = self._keys.wire

    def _await_start(self) -> None:
        """Until `prlctl start` returns.  What the machine says meanwhile must not wait: the line
        holds 8 KiB on a Mac, and who has to wait may drop bytes.
        """
        assert self.wire and self._starting
        deadline = time.monotonic() + _CONNECT_S
        said = b""
        try:
            while self._starting.poll() is None and time.monotonic() < deadline:
                said += self.wire.read(_LOOK_S)
        except WireClosed as why:
            raise Unfit(str(why)) from None
        self.wire.unread(said)
        if why := self._start_failed():
            raise Unfit(why)
        if self._starting.poll() is None and not said:
            raise Unfit(f"prlctl start does not return in {_CONNECT_S:.0f} s")

    def _start_failed(self) -> str:
        """What `prlctl start` said if it refused; "" while it goes well."""
        starting = self._starting
        if not starting or not starting.poll():
            return ""
        with self._asking:  # who follows a file asks from a thread; a pipe is read once
            if starting.stdout and not starting.stdout.closed:
                self._start_said += starting.stdout.read()
        said = self._start_said
        return f"Parallels did not start the machine: {one_line(said)}{hint(said)}"

    # ---- while it runs

    @property
    def age_s(self) -> float:
        """Seconds since it was switched on."""
        return time.monotonic() - self._started

    def reset(self) -> None:
        """The reset button."""
        self._prlctl.run("reset", self.uuid)
        assert self.wire
        said, deadline = b"", time.monotonic() + _RESET_S
        try:  # what the old start has said is no proof that its socket lives
            while (left := deadline - time.monotonic()) > 0:
                said += self.wire.read(left)
            self.wire.unread(said)
        except WireClosed:  # the socket went with the old start
            self.wire.close()
            if self._keys:
                self._keys.close()
            if self._file:
                self._file.close()
            self._attach()
        self._prompted = False

    def evidence(self) -> str:
        """Why Parallels, not the guest, is at fault: the machine is not running."""
        if not self._entry:
            return "the machine was not started"
        if why := self._start_failed():
            return why
        if self._starting and self._starting.poll() is None:
            return ""
        try:
            found = self._prlctl.find(self.uuid)
        except Unfit as why:
            return str(why)
        if not found:
            return f"the machine {self.name} is gone: somebody deleted it"
        return "" if found.status in _RUNS else f"the machine is {found.status}"

    @property
    def home(self) -> Path:
        """The machine's folder, NAME.pvm."""
        if not self._home and (said := self._prlctl.details(self.uuid).get("Home")):
            self._home = Path(said)  # asked once: each batch of keys wants it
        return self._home or Path.home() / "Parallels" / f"{self.name}.pvm"

    def host_log(self) -> str:
        """The end of Parallels' own log of this machine."""
        try:
            text = (self.home / "parallels.log").read_text(errors="replace")
        except (OSError, Unfit):
            return ""
        return "\n".join(text.splitlines()[-_LOG_LINES:])

    def screenshot(self, path: Path) -> Path:
        """A picture of its screen.  Says so when it is black because it came too early."""
        path = path.absolute()  # Parallels has another working folder
        path.unlink(missing_ok=True)
        self._prlctl.run("capture", self.uuid, "--file", str(path))
        try:
            black = screen.is_black(path)
        except (OSError, ValueError) as why:
            raise Unfit(f"prlctl capture gave no picture: {why}") from None
        if black and self.age_s < screen.WARM_UP_S:
            self.say(
                f"{path.name} is all black: in the first {screen.WARM_UP_S} s Parallels may give"
                f" no picture (this machine runs for {self.age_s:.0f} s): take another one later"
            )
        return path

    @property
    def keyboard(self) -> PrlKeyboard:
        """Its USB keyboard.  Typing raises Unfit where the keys would be lost."""
        if not self._usage.has("send-key-event"):
            raise Unfit("this prlctl has no send-key-event: type in the machine's window")
        return PrlKeyboard(self._prlctl, self.uuid, self.host_log)

    # ---- end

    def close(self) -> None:
        """Stop and delete it, unless it is to be kept.  Harmless twice; the logs stay."""
        _running.discard(self)
        if self._entry and self._entry.uuid:
            self._save_host_log()
        if self.wire:
            self.wire.close()
        if self._keys:
            self._keys.close()
        if self._file:
            self._file.close()
        if self.log:
            self.log.close()
        self.wire = self.log = self._keys = self._file = None
        if self._starting:
            if self._starting.poll() is None:
                self._starting.kill()
            self._starting.wait()
            if self._starting.stdout:
                self._starting.stdout.close()
            self._starting = None
        if self._awake:
            self._awake.close()
        entry, self._entry = self._entry, None
        if entry and self.config.keep and self._up:
            entry.kept = True
            self._record.put(entry)
            again = "attach" if entry.socket else "type"
            self.say(
                f"{self.name} goes on; its prompt again: pyrallax parallels {again} {self.name};"
                " its end: pyrallax parallels clean --kept"
            )
            return
        if entry:
            delete(self._prlctl, self._record, entry, self.say)

    def _save_host_log(self) -> None:
        """Keep Parallels' log beside ours: it is deleted with the machine."""
        try:
            source = self.home / "parallels.log"
            if source.is_file():
                shutil.copyfile(source, self.log_path.with_suffix("").with_suffix(".host.log"))
        except (OSError, Unfit) as why:
            self.say(f"Parallels' log of the machine is not saved: {why}")
