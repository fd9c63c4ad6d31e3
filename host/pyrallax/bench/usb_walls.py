"""USB by the clock: what host and guest both have a part in."""

import contextlib
import json
import random
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

from ..vm.config import Unfit
from .figures import MIB, Figure
from .machine import Images, Target
from .peers.linux import Linux, Peer

_PAUSE_S = 0.03  # a key and its release are two reports, 8 ms apart
_REPORTS_S = 4.0
_RATE_HZ = 1000  # as often as usb-tablet is asked
_BURST = 8  # QEMU keeps 16 reports that nobody has fetched
_ZONE_MIB = 32
_TABLET = ["qemu-xhci,id=x", "usb-tablet,bus=x.0"]


class Monitor:
    """A second QMP line of a machine, to which commands are written without waiting."""

    def __init__(self, folder: Path, name: str):
        self.path = folder / f"{name}.qmp"
        self._socket: socket.socket | None = None

    @property
    def extra(self) -> list[str]:
        """Arguments for QEMU."""
        where = f"socket,id=pump,path={self.path},server=on,wait=off"
        return ["-chardev", where, "-mon", "chardev=pump,mode=control"]

    def __enter__(self) -> "Monitor":
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(self.path))
        self.send("qmp_capabilities")
        time.sleep(0.1)
        self.drain()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._socket
        self._socket.close()

    def send(self, command: str, **arguments: object) -> None:
        """Write one."""
        assert self._socket
        self._socket.sendall(json.dumps({"execute": command, "arguments": arguments}).encode())

    def event(self, kind: str, data: dict) -> None:
        """An input event, a report of its own."""
        self.send("input-send-event", events=[{"type": kind, "data": data}])

    def drain(self) -> None:
        """Forget what was answered."""
        assert self._socket
        with contextlib.suppress(BlockingIOError):
            while self._socket.recv(65536, socket.MSG_DONTWAIT):
                pass


_LISTEN = """
import array, boot, keyboard, usb
usb.probe()
stamps = array.array("Q")
def heard(usage, action, modifiers, char):
    if action == 1:
        stamps.append(boot.counter())
keys = keyboard.keys()
keys.repl = False
keys.listen(heard)
"""


def keys(
    images: Images, linux: Linux | None, devices: list[str], folder: Path, count: int
) -> tuple[list[float], list[float]]:
    """Milliseconds from each QMP command to what a program hears, ours and Linux's by turns.

    The guest's clock is held against the host's by questions, each answered within the
    uncertainty that the quickest of them leaves.  Raises NoPeer.
    """
    with contextlib.ExitStack() as stack:
        up = stack.enter_context
        pump = Monitor(folder, "ours")
        options = {"icount": False, "append": "noautomount", "device": devices}
        target = Target(up(images.machine(**options, extra=pump.extra)))
        target.repl.exec(_LISTEN)
        up(pump)
        theirs, peer_pump = [], Monitor(folder, "linux")
        peer: Peer | None = None
        if linux:
            peer = up(linux.machine(device=devices, extra=peer_pump.extra))
            peer.ask("load")
            up(peer_pump)
        sent = []
        for n in range(count):
            sent.append(time.monotonic_ns())
            _press(pump, n)
            if peer:
                peer.wire.write(b"key\n")
                time.sleep(0.005)  # until it waits
                began = time.monotonic_ns()
                _press(peer_pump, n)
                theirs.append(peer.answer()[1] - began)
                time.sleep(_PAUSE_S)
        came = [ticks * target.ns_per_tick for ticks in target.value("list(stamps)")]
        if len(came) != len(sent):
            raise Unfit(f"{len(came)} of {len(sent)} keys came")
        shift = offset(lambda: target.value("boot.counter()") * target.ns_per_tick)
        ours = [(heard - began - shift) / 1e6 for heard, began in zip(came, sent, strict=True)]
        if peer:
            shift = offset(lambda: peer.ask("now")[1])
            theirs = [(took - shift) / 1e6 for took in theirs]
    return ours[1:], theirs[1:]  # the first warms QEMU's translations


def _press(pump: Monitor, n: int) -> None:
    key = {"type": "qcode", "data": "abcdefgh"[n % 8]}
    pump.event("key", {"down": True, "key": key})
    time.sleep(_PAUSE_S)
    pump.event("key", {"down": False, "key": key})
    time.sleep(_PAUSE_S)
    pump.drain()


def offset(ask: Callable[[], float]) -> float:
    """The guest's clock less the host's, in ns: by the question that was answered soonest."""
    best = None
    for _ in range(50):
        before = time.monotonic_ns()
        there = ask()
        after = time.monotonic_ns()
        if best is None or after - before < best[0]:
            best = after - before, there - (before + after) / 2
    assert best
    return best[1]


_DELIVERED = "usb_xhci_xfer_success"  # QEMU has written one to memory, and says so
# What each report costs a program that sleeps until one comes; and how many come to it.
_REPORTS = """
import boot, hidreader, machine, mouse, time, usb
usb.probe()
seen = 0
def heard(x, y, buttons, wheel):
    global seen
    seen += 1
mouse.pointer().listen(heard)
def cost(n):
    idle = machine.idle
    first = seen
    while seen == first:
        idle()
    first = seen
    a = boot.instructions()
    while seen - first < n:
        idle()
    return (boot.instructions() - a) / (seen - first)
"""
_COUNTED = 1000


def reports(images: Images, folder: Path, runs: int) -> list[Figure]:
    """Up to a thousand reports a second: how many come, who lost others, and what one costs.

    QEMU drops what its queue of 16 has no room for, and its log tells what it has delivered.
    """
    rate = Figure("usb.reports_per_s", "1/s", [])
    lost = Figure("usb.reports_lost", "reports", [], "delivered by QEMU, and not heard")
    insns = Figure("usb.report_insns", "instructions", [])
    share = Figure("usb.reports_cpu_percent", "%", [], "1,000 a second, of a CPU of 1 GHz")
    dropped = []
    for counted in (False, True):
        # sleep=on: virtual time does not leap to the next timer while nothing comes.
        program = f"cost({_COUNTED})" if counted else f"time.sleep({_REPORTS_S:g})"
        pump = Monitor(folder, f"reports{counted}")
        log = folder / "delivered"
        more = ["-D", str(log), "-trace", _DELIVERED]
        extra = pump.extra + (["-icount", "shift=0,sleep=on"] if counted else more)
        options = {"icount": False, "append": "noautomount", "device": _TABLET}
        with contextlib.ExitStack() as stack:
            target = Target(stack.enter_context(images.machine(**options, extra=extra)))
            target.repl.exec(_REPORTS)
            stack.enter_context(pump)
            for _ in range(runs):
                before = target.value("hidreader.counts['real']")
                wrote = 0 if counted else _count(log)
                ended: list[tuple[int, float]] = []
                thread = threading.Thread(target=_stream, args=(pump, ended))
                thread.start()
                took = target.value(program)
                thread.join()
                if counted:
                    time.sleep(0.2)
                    insns.runs.append(took)
                    continue
                asked, seconds = ended[0]
                until = time.monotonic() + 2
                came, delivered = 0, -1
                while came != delivered and time.monotonic() < until:
                    time.sleep(0.2)  # the last ones are on their way
                    came = target.value("hidreader.counts['real']") - before
                    delivered = _count(log) - wrote
                rate.runs.append(came / seconds)
                lost.runs.append(abs(delivered - came))
                dropped.append(asked - delivered)
    rate.beside = f"of {_RATE_HZ} for {_REPORTS_S:g} s; QEMU dropped {min(dropped)} at least"
    lost.runs = [sum(lost.runs)]  # not the best of them
    share.runs = [run * _RATE_HZ / 1e9 * 100 for run in insns.runs]
    return [rate, lost, insns, share]


def _count(log: Path) -> int:
    return log.read_bytes().count(_DELIVERED.encode())


def _stream(pump: Monitor, ended: list[tuple[int, float]]) -> None:
    """A button down and up, each a report that QEMU does not join to another: sent, seconds."""
    sent = 0
    began = time.monotonic()
    while (now := time.monotonic() - began) < _REPORTS_S:
        for _ in range(min(_BURST, int(now * _RATE_HZ) - sent)):
            sent += 1
            pump.event("btn", {"down": bool(sent & 1), "button": "left"})
        pump.drain()
        time.sleep(0.0005)
    if sent & 1:
        sent += 1
        pump.event("btn", {"down": False, "button": "left"})
    ended.append((sent, time.monotonic() - began))


_READ = """
import boot, usb, usbmsc
usb.probe()
disk = usbmsc.disks()[0]
big = bytearray(1 << 20)
def sequential(count):
    read = disk.readblocks
    a = boot.counter()
    for i in range(count):
        if read(i * 2048, big):
            raise OSError
    return boot.counter() - a
"""


def reads(images: Images, linux: Linux | None, folder: Path, rounds: int) -> list[Figure]:
    """Whole MiB from usb-storage, ours and Linux's by turns."""
    path = folder / "stick"
    path.write_bytes(random.Random(1).randbytes(MIB) * _ZONE_MIB)
    figure = Figure("usb.read_us_per_mib", "us", [], paired=linux is not None)
    options = {
        "device": ["qemu-xhci,id=x", "usb-storage,drive=n,bus=x.0"],
        "extra": ["-blockdev", f"driver=file,node-name=n,read-only=on,filename={path}"],
    }
    with contextlib.ExitStack() as stack:
        up = stack.enter_context
        target = Target(up(images.machine(icount=False, append="noautomount", **options)))
        target.repl.exec(_READ)
        peer = up(linux.machine(**options)) if linux else None
        for n in range(rounds + 1):
            us = target.value(f"sequential({_ZONE_MIB})") * target.ns_per_tick / 1000
            ns = peer.ask(f"read 0 {_ZONE_MIB}")[1] if peer else 0
            if n:
                figure.runs.append(us / _ZONE_MIB)
                if peer:
                    figure.linux.append(ns / 1000 / _ZONE_MIB)
    figure.beside = f"{1e6 / figure.ours:,.0f} MiB/s"
    if figure.theirs:
        figure.beside += f", Linux {1e6 / figure.theirs:,.0f}"
    return [figure]
