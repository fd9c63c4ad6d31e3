"""One AHCI controller: its ports, what is plugged into them, its interrupt."""

import time

import ahcicmd
import dma
import klog
from micropython import const

from ahci_hba import CAP_S64A, CAP_SCLO, CAP_SNCQ, Hba
from ahci_link import MEMORY_BYTES, PORT_BYTES, Link

_PORTS = const(0x100)  # §3.3
_PEND_MS = const(20)  # for a read of one block; a slower disk is polled
_BOUNCE = const(65536)

# Ports that nothing stopped: what their requests have the addresses of must not be collected.
_wild = []


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
    name; ports: those in use, a mask; line: the interrupt's Line, or None; hba: ahcicmd.Hba.
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
        self._empty = {}  # Links of the ports without a drive
        self._undiscovered = False
        self._resetting = False
        self._r = place.open()
        self._regs = Hba(self._r, self.name, log)
        self.ports = self._regs.ports
        self.hba = ahcicmd.Hba(self._r)
        try:
            if reset:
                self._regs.reset()
            self._regs.interrupts(False)
            if irq:
                self._hook()
                self._undiscovered = not self.hba.irq
            self._log(klog.INFO, "ahci: %s: %s" % (self.name, self))
            for n in range(32):
                if self.ports >> n & 1:
                    self._open(n, reset)
        except BaseException:  # also Ctrl-C
            self.deinit()
            raise

    def __str__(self):
        how = "INTID %d" % self.line.intid if self.line else "polled"
        return "%s, %s" % (self._regs, how)

    def __repr__(self):
        return "<ahci.Controller %s, %s>" % (self.name, self)

    @property
    def drives(self):
        """Every drive, in order of ports; what was plugged in meanwhile is brought up first."""
        if self.hba.plugged:
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

    def _hook(self):
        try:
            self.line = self._place.hook(self.hba.interrupt)
        except OSError as why:
            self._log(klog.WARN, "ahci: %s: polled: %s" % (self.name, why))
            return
        self.hba.irq = True
        self.hba.notify = self._notice
        self._regs.interrupts(True)

    def _discover(self, port):
        """Find and take a line that nobody names: a read that is not attended to pends it."""
        self._undiscovered = False
        slots = []

        def provoke():
            slots.append(port.submit(0, 0, bytearray(port.block_size)))
            self._clock.sleep_ms(_PEND_MS)

        self._regs.interrupts(True)
        found = self._place.discover(provoke)
        self._regs.interrupts(False)
        for slot in slots:
            while slot >= 0 and port.result(slot) == 1:
                if port.poll():
                    port.attend(port)
        if found:
            self._hook()
            self._log(klog.INFO, "ahci: %s: found INTID %d" % (self.name, self.line.intid))

    def _silent(self):
        """Commands have ended and no interrupt came: the line is not this controller's."""
        self._log(
            klog.WARN,
            "ahci: %s: no interrupt comes on INTID %d: polled" % (self.name, self.line.intid),
        )
        self._unhook()

    def _unhook(self):
        self._regs.interrupts(False)
        self.hba.irq = False
        self._place.release()
        self.line = None

    def _open(self, n, fresh=False):
        """Bring up port n; its drive, or None."""
        r = self._r
        regs = r.window(_PORTS + n * PORT_BYTES, PORT_BYTES, "ahci %s port %d" % (self.name, n))
        memory = dma.alloc(MEMORY_BYTES, 1024, "ahci")
        link = Link(regs, memory, self._clock, bool(self._regs.cap & CAP_SCLO))
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
        finally:
            if drive is None:  # also after Ctrl-C
                if port is not None:
                    port.gone = 19
                self._leave(n, link, port, memory, bounce)
        if drive is None:
            return None
        self._empty.pop(n, None)
        if self.hba.irq and not self.hba.irqs:
            self._silent()
        elif self._undiscovered and kind == "ata":
            self._discover(port)
        self._drives[n] = drive
        self._memory[n] = memory, bounce
        self._log(klog.INFO, "ahci: %s port %d: %s %s" % (self.name, n, drive.name, drive.info))
        return drive

    def _drive(self, kind, port, link):
        cap = self._regs.cap
        port.wide = bool(cap & CAP_S64A)
        port.slots = self._regs.slots
        link.start(kind == "atapi")
        if kind == "atapi":
            from ahci_atapi import CdRom

            return CdRom(self._names.new("cd"), port, link, self._log, self._vacate, self._reset)
        from ahci_disk import Disk

        disk = Disk(self._names.new("sd"), port, link, self._log, self._vacate, self._reset)
        if cap & CAP_SNCQ and disk.info.depth > 1:
            port.depth = min(disk.info.depth, self._regs.slots)
        return disk

    def _leave(self, n, link, port, memory, bounce):
        """Port n is empty: watch it, give its memory back once nothing can write there."""
        try:
            self._stop(link, port)
        except OSError as why:
            # Better lost than written to by a device.
            self._log(klog.ERROR, "ahci: %s: %s, its memory stays taken" % (self.name, why))
            self.ports &= ~(1 << n)  # nor is it tried again, at the other ports' expense
            _wild.append(port)
            return
        if port is not None:
            port.close()
        link.watch()
        self._empty[n] = link
        memory.free()
        if bounce is not None:
            bounce.free()

    def _stop(self, link, port):
        """Stop a port, whatever that takes.  Raises OSError."""
        try:
            link.end()
        except OSError as why:
            self._log(klog.WARN, "ahci: %s: %s: resetting the controller" % (self.name, why))
            self._reset(port)
            link.stop()

    def _vacate(self, drive):
        """The drive is gone, its port may get another."""
        n = drive.port.number
        if self._drives.get(n) is drive:
            del self._drives[n]
            self._leave(n, drive.link, drive.port, *self._memory.pop(n))

    def _reset(self, port):
        """Reset the controller for a port that nothing else brings back (§10.4.3).

        What the other ports had under way is done again.  Raises OSError.
        """
        if self._resetting:
            raise OSError(16, "the controller is being reset")
        self._resetting = True
        try:
            others = [d for d in self._drives.values() if d.port is not port]
            for d in others:
                busy = d.port.recovering
                try:
                    d.port.halt()
                except OSError:
                    pass  # the reset stops it
                d.port.recovering = busy
                d.port.changed = d.port.attention = 1
            self._regs.reset()
            self._regs.interrupts(self.hba.irq)
            for link in self._empty.values():
                link.watch()
            for d in self._drives.values():
                d.link.prepare()
            for d in others:
                d.attend(d.port)
        finally:
            self._resetting = False

    def _notice(self, what):
        """From an interrupt, softly: a Port needs attention, or number `what` is not empty."""
        if isinstance(what, int):
            self._log(klog.INFO, "ahci: %s port %d: plugged in" % (self.name, what))
        else:
            drive = self._drives.get(what.number)
            if drive is not None and drive.port is what and what.attention:
                drive.attend(what)

    def rescan(self):
        """Look at every port: what is gone, what is new.  Gives the new drives."""
        self.hba.plugged = 0
        new = []
        for n in range(32):
            if not self.ports >> n & 1:
                continue
            drive = self._drives.get(n)
            if drive is not None:
                if drive.port.gone:
                    self._vacate(drive)  # given up, or nothing answered
                elif drive.port.poll() or not drive.link.present():
                    drive.port.changed = drive.port.attention = 1
                    drive.attend(drive.port)
            if n not in self._drives and self.ports >> n & 1:  # not given up just now
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
        if self.ports == self._regs.ports:  # else a soft reset tries once more to stop them
            self.hba.close()

    def _vacate_quietly(self, drive):
        drive.port.gone = drive.port.gone or 19
        self._vacate(drive)
