"""AHCI controllers and the disks and CD drives on them (AHCI 1.3.1).

probe() attaches all there are.  Not done: port multipliers (reported), enclosure LEDs, link power
management, command completion coalescing.
"""

import errno
import time

import ahcicmd
import dma
import klog
from micropython import const

import ahci_find
from ahci_link import MEMORY_BYTES, PORT_BYTES, Link

_CAP = const(0x00)  # §3.1.1 RO
_CAP_NCS = const(8)
_CAP_SCLO = const(1 << 24)
_CAP_SNCQ = const(1 << 30)
_CAP_S64A = const(1 << 31)
_GHC = const(0x04)  # §3.1.2
_GHC_HR = const(1 << 0)  # reset
_GHC_IE = const(1 << 1)
_GHC_AE = const(1 << 31)
_IS = const(0x08)  # §3.1.3 RW1C
_PI = const(0x0C)  # §3.1.4 RO
_VS = const(0x10)  # §3.1.5 RO
_CAP2 = const(0x24)  # §3.1.10 RO
_CAP2_BOH = const(1 << 0)
_BOHC = const(0x28)  # §3.1.11
_BOHC_BOS = const(1 << 0)  # BIOS owns it
_BOHC_OOS = const(1 << 1)
_BOHC_BB = const(1 << 4)  # BIOS is busy
_PORTS = const(0x100)
_RESET_US = const(1_000_000)  # §10.4.3
_HANDOFF_US = const(25_000)  # §10.6.3
_BUSY_US = const(2_000_000)
_BOUNCE = const(65536)

_CAP_NAMES = (
    (5, "sxs"),
    (6, "ems"),
    (7, "ccc"),
    (13, "part"),
    (14, "slum"),
    (15, "pmd"),
    (16, "fbs"),
    (17, "pm"),
    (18, "only"),
    (24, "clo"),
    (25, "led"),
    (26, "alp"),
    (27, "stag"),
    (28, "mps"),
    (29, "sntf"),
    (30, "ncq"),
    (31, "64bit"),
)

_attached = None  # what probe() found, until release()


class Names:
    """Hands out sd0, sd1, …, cd0, …: each once."""

    def __init__(self):
        self._next = {}

    def new(self, kind):
        """The next name of that kind."""
        n = self._next.get(kind, 0)
        self._next[kind] = n + 1
        return "%s%d" % (kind, n)


class Controller:
    """One HBA.  place: from ahci_find.places().

    reset: reset it first; otherwise it is taken over as it runs, which is all that Parallels'
    needs (observed).  irq: False for polled.  Raises OSError, with everything undone.
    name, cap, version, ports (implemented, a mask); line: the interrupt's Line, or None.
    """

    def __init__(self, place, *, reset=False, irq=True, names=None, log=klog.log, clock=time):
        self.name = place.name
        self.line = None
        self._place = place
        self._log = log
        self._clock = clock
        self._names = names or Names()
        self._drives = {}  # by port
        self._memory = {}
        self._pending = 0
        self._r = r = place.open()
        self.hba = ahcicmd.Hba(r)
        try:
            self._take()
            if reset:
                self.reset()
            self.cap = r[_CAP]
            self.version = r[_VS]
            # Firmware that leaves PI at 0 means all of them (Linux does the same).
            self.ports = r[_PI] or (2 << (self.cap & 31)) - 1
            r.clear(_GHC, _GHC_IE)
            if irq:
                self._hook()
            self._log(klog.INFO, "ahci: %s: %s" % (self.name, self))
            for n in range(32):
                if self.ports >> n & 1:
                    self._open(n, reset)
        except Exception:
            self.deinit()
            raise

    def __str__(self):
        names = [name for bit, name in _CAP_NAMES if self.cap >> bit & 1]
        return "AHCI %d.%d, ports 0x%x, %d slots, %s, %s" % (
            self.version >> 16,
            self.version >> 8 & 0xFF,
            self.ports,
            (self.cap >> _CAP_NCS & 31) + 1,
            "INTID %d" % self.line.intid if self.line else "polled",
            " ".join(names),
        )

    def __repr__(self):
        return "<ahci.Controller %s, %s>" % (self.name, self)

    @property
    def drives(self):
        """Every drive, in order of ports; what was plugged in meanwhile is brought up first."""
        if self._pending:
            self.rescan()
        return [self._drives[n] for n in sorted(self._drives)]

    @property
    def disks(self):
        """The disks among them."""
        return [d for d in self.drives if not d.info.packet]

    @property
    def cdroms(self):
        """The CD drives among them."""
        return [d for d in self.drives if d.info.packet]

    def _take(self):
        """AHCI mode on, ownership from the firmware (§10.6.3).  Raises OSError(ETIMEDOUT)."""
        r = self._r
        r.set(_GHC, _GHC_AE)
        if r[_CAP] == 0xFFFFFFFF or not r[_GHC] & _GHC_AE:
            raise OSError(errno.ENODEV, "ahci %s: GHC is 0x%x" % (self.name, r[_GHC]))
        if not r[_CAP2] & _CAP2_BOH:
            return
        r.set(_BOHC, _BOHC_OOS)
        if not r.wait(_BOHC, _BOHC_BOS, 0, _HANDOFF_US) and r[_BOHC] & _BOHC_BB:
            r.wait(_BOHC, _BOHC_BOS | _BOHC_BB, 0, _BUSY_US)
        if r[_BOHC] & _BOHC_BOS:
            self._log(klog.WARN, "ahci: %s: firmware keeps it, taken all the same" % self.name)

    def reset(self):
        """Reset the HBA (§10.4.3).  Raises OSError(ETIMEDOUT)."""
        r = self._r
        r.set(_GHC, _GHC_HR)
        if not r.wait(_GHC, _GHC_HR, 0, _RESET_US):
            raise OSError(errno.ETIMEDOUT, "ahci %s: GHC stays 0x%x" % (self.name, r[_GHC]))
        r.set(_GHC, _GHC_AE)

    def _hook(self):
        r = self._r
        try:
            self.line = self._place.hook(self.hba.interrupt)
        except OSError as why:
            self._log(klog.WARN, "ahci: %s: polled: %s" % (self.name, why))
            return
        self.hba.irq = True
        self.hba.notify = self._notice
        r[_IS] = 0xFFFFFFFF
        r.set(_GHC, _GHC_IE)

    def _silent(self):
        """Commands have ended and no interrupt came: the line is not this controller's."""
        self._log(
            klog.WARN,
            "ahci: %s: no interrupt comes on INTID %d: polled" % (self.name, self.line.intid),
        )
        self._unhook()

    def _unhook(self):
        self._r.clear(_GHC, _GHC_IE)
        self.hba.irq = False
        self._place.release()
        self.line = None

    def _open(self, n, fresh=False):
        """Bring up port n; its drive, or None."""
        r = self._r
        regs = r.window(_PORTS + n * PORT_BYTES, PORT_BYTES, "ahci %s port %d" % (self.name, n))
        memory = dma.alloc(MEMORY_BYTES, 1024, "ahci")
        link = Link(regs, memory, self._clock, bool(self.cap & _CAP_SCLO))
        drive = bounce = port = None
        try:
            kind = link.bring_up(fresh)
            if kind == "ata" or kind == "atapi":
                bounce = dma.alloc(_BOUNCE, 1024, "ahci")
                port = ahcicmd.Port(self.hba, regs, n, memory, bounce)
                drive = self._drive(kind, port, link)
            elif kind:
                self._log(klog.WARN, "ahci: %s port %d: %s: not supported" % (self.name, n, kind))
        except (OSError, ValueError) as why:
            self._log(klog.ERROR, "ahci: %s port %d: %s" % (self.name, n, why))
        if drive is None:
            if port is not None:
                port.gone = 19
                port.close()
            self._leave(link, memory, bounce)
            return None
        if self.hba.irq and not self.hba.irqs:
            self._silent()
        self._drives[n] = drive
        self._memory[n] = memory, bounce
        self._log(klog.INFO, "ahci: %s port %d: %s %s" % (self.name, n, drive.name, drive.info))
        return drive

    def _drive(self, kind, port, link):
        cap = self.cap
        port.wide = bool(cap & _CAP_S64A)
        link.start(kind == "atapi")
        if kind == "atapi":
            from ahci_atapi import CdRom

            return CdRom(self._names.new("cd"), port, link, self._log, self._vacate)
        from ahci_disk import Disk

        disk = Disk(self._names.new("sd"), port, link, self._log, self._vacate)
        if cap & _CAP_SNCQ and disk.info.depth > 1:
            port.depth = min(disk.info.depth, (cap >> _CAP_NCS & 31) + 1)
        return disk

    def _leave(self, link, memory, bounce):
        """The port is empty: watch it, give its memory back once nothing can write there."""
        try:
            link.stop()
        except OSError as why:
            # Better lost than written to by a device.
            self._log(klog.ERROR, "ahci: %s: %s, its memory stays taken" % (self.name, why))
            return
        link.watch()
        memory.free()
        if bounce is not None:
            bounce.free()

    def _vacate(self, drive):
        """The drive is gone, its port may get another."""
        n = drive.port.number
        if self._drives.get(n) is not drive:
            return
        del self._drives[n]
        drive.port.close()
        self._leave(drive.link, *self._memory.pop(n))

    def _notice(self, what):
        """From an interrupt, softly: a Port needs attention, or number `what` is not empty."""
        if isinstance(what, int):
            self._pending |= 1 << what
            self._log(klog.INFO, "ahci: %s port %d: plugged in" % (self.name, what))
        else:
            drive = self._drives.get(what.number)
            if drive is not None and drive.port is what and what.attention:
                drive.attend(what)

    def rescan(self):
        """Look at every port: what is gone, what is new.  Gives the new drives."""
        self._pending = 0
        new = []
        for n in range(32):
            if not self.ports >> n & 1:
                continue
            drive = self._drives.get(n)
            if drive is not None:
                if drive.port.poll() or not drive.link.present():
                    drive.port.changed = drive.port.attention = 1
                    drive.attend(drive.port)
            if n not in self._drives:
                drive = self._open(n)
                if drive is not None:
                    new.append(drive)
        return new

    def deinit(self):
        """Flush, stop every port, give interrupt and memory back.  The drives are gone then."""
        for n in list(self._drives):
            drive = self._drives[n]
            drive.flush()
            self._vacate_quietly(drive)
        self._unhook()

    def _vacate_quietly(self, drive):
        drive.port.gone = drive.port.gone or 19
        self._vacate(drive)


def probe(fallback=None, **options):
    """Attach every controller, the first time; the list of Controllers.

    What does not start is logged and left out.  fallback: as ahci_find.places().  options: reset
    and irq as of Controller.
    """
    global _attached
    if _attached is None:
        names = Names()
        _attached = []
        for place in ahci_find.places(fallback):
            try:
                _attached.append(Controller(place, names=names, **options))
            except OSError as why:
                klog.log(klog.ERROR, "ahci: %s: %s" % (place.name, why))
    return _attached


def release():
    """Detach every controller that probe() attached; the next probe() looks again."""
    global _attached
    for controller in _attached or ():
        controller.deinit()
    _attached = None


def disks():
    """The disks of all controllers, attached first where need be."""
    return [disk for controller in probe() for disk in controller.disks]
