"""The frozen serial loader on CPython, at the other end of a line that real esptool talks on."""

import select
import socket
import sys
import threading
from pathlib import Path
from typing import ClassVar

ROOT = Path(__file__).parents[2]
for folder in ("frozen/system", "frozen/blk", "tests/sim"):
    if str(ROOT / folder) not in sys.path:
        sys.path.append(str(ROOT / folder))

import loader  # noqa: E402
from loader_media import DISK, ESP, Medium  # noqa: E402
from loader_media import ROOT as KIND_ROOT  # noqa: E402
from memdisk import MemDisk  # noqa: E402
from partition import Partition  # noqa: E402

from pyrallax.wire import Wire  # noqa: E402


class SocketLine:
    """What loader._Line is on the target: nobody tells that a cable is gone."""

    def __init__(self):
        self._socket = None
        self._news = threading.Event()  # a cable, or the end
        self._over = False
        self.gone = threading.Event()  # all that was on its way has been taken
        self.gone.set()

    def attach(self, end):
        """From now on this is the other end's."""
        self.gone.clear()
        self._socket = end
        self._news.set()

    def end(self):
        """No cable comes any more: who reads is to leave."""
        self._over = True
        self._news.set()

    def read(self, ms):
        end = self._socket
        if end is None:
            self._news.wait(ms / 1000)
            if self._over:
                raise SystemExit
            return b""
        if not select.select([end], [], [], ms / 1000)[0]:
            return b""
        try:
            data = end.recv(65536)
        except ConnectionResetError:  # answers that nobody read
            data = b""
        if not data:
            self._news.clear()
            self._socket = None
            end.close()
            self.gone.set()
        return data

    def write(self, data):
        try:
            self._socket.sendall(data)
        except (OSError, AttributeError):
            pass  # into the air


class Memory:
    """Four words of RAM at 0x4000_0000 and nothing else."""

    def __init__(self):
        self.data = bytearray(16)

    def _at(self, at):
        if not 0x40000000 <= at <= 0x4000000C or at % 4:
            raise OSError(14, "nothing answers there")
        return at - 0x40000000

    def read32(self, at):
        return int.from_bytes(self.data[self._at(at) :][:4], "little")

    def write32(self, at, value):
        self.data[self._at(at) : self._at(at) + 4] = value.to_bytes(4, "little")

    def write(self, at, data):
        self.data[self._at(at) : self._at(at) + len(data)] = data


class Boot:
    """Keeps what it is to start.  bad: why it cannot be started."""

    bad = ""

    def __init__(self):
        self.image = None
        self.started = False

    def load(self, elf):
        if self.bad:
            raise ValueError(self.bad)
        self.image = bytes(elf)

    def start(self):
        self.started = True


class Rig:
    """A disk with an ESP and a root, and their loader, which runs until it leaves."""

    _made: ClassVar[list] = []

    def __init__(self, data, block_size=512):
        self.disk = MemDisk(data, block_size, name="sd0")
        n = self.disk.count
        esp = Partition(self.disk, n // 8, n // 4, 1, type="esp")
        root = Partition(self.disk, n // 2, n // 4, 2, type="root")
        self.media = [Medium(self.disk, DISK), Medium(esp, ESP), Medium(root, KIND_ROOT)]
        self.memory, self.boot = Memory(), Boot()
        self._line = SocketLine()
        self._theirs = None
        self.loader = loader.Loader(self._line, self.media, self.memory, self.boot)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.error = None
        self._made.append(self)
        self._thread.start()

    def _serve(self):
        try:
            self.loader.run()
        except SystemExit:
            pass  # the test is over
        except BaseException as why:  # the loader must never raise
            self.error = why
            raise

    def wire(self):
        """A new line, as when the cable is put back."""
        self.pull()
        ours, theirs = socket.socketpair()
        self._line.attach(ours)
        self._theirs = Wire(theirs.detach())
        return self._theirs

    def pull(self):
        """Pull the cable: what is on its way still arrives."""
        if self._theirs:
            self._theirs.close()
            self._theirs = None
            assert not self._thread.is_alive() or self._line.gone.wait(10)
        assert self.error is None, self.error

    def done(self):
        """Wait until the loader has left by itself."""
        self._thread.join(10)
        assert not self._thread.is_alive()
        assert self.error is None, self.error

    @classmethod
    def end_all(cls):
        """End the loaders that nobody let leave: each would wake up for ever."""
        for rig in cls._made:
            rig.pull()
            rig._line.end()
        for rig in cls._made:
            rig.done()
        cls._made.clear()
