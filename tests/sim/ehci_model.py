"""A model of an EHCI controller for unit tests: registers, time, doorbell (EHCI 1.0 §2, §4).

Its schedules are in ehci_model_lists, ports in ehci_model_ports.  A millisecond of the clock is a
frame.  Queue heads that were unlinked are walked on until the doorbell, or two frames, say that
software may have them: what it does to them before, or memory that is gone, is an AssertionError.
"""

import dma
from ehci_model_lists import Lists
from ehci_model_ports import Port

USBCMD, USBSTS, USBINTR, FRINDEX, SEGMENT, PERIODIC, ASYNC = 0, 4, 8, 12, 16, 20, 24
CONFIGFLAG, PORTSC = 0x40, 0x44
RS, HCRESET, PSE, ASE, IAAD = 1, 2, 0x10, 0x20, 0x40
INT, ERRINT, PCD, HSE, IAA, HCH, PSS, ASS = 1, 2, 4, 0x10, 0x20, 0x1000, 0x4000, 0x8000


class Config:
    """PCI configuration space, as much as there is to USBLEGSUP at 0x60."""

    def __init__(self, legacy):
        self.legacy = legacy  # None, "lets go", "keeps", "free"
        self.words = {0x60: 1, 0x64: 0x20003F}
        if legacy in ("lets go", "keeps"):
            self.words[0x60] |= 1 << 16
        self.written = []

    def read(self, off, bits):
        assert bits == 32
        if self.legacy == "lets go" and self.words[0x60] >> 24 & 1:
            self.words[0x60] &= ~(1 << 16)
        return self.words.get(off, 0)

    def write(self, off, bits, value):
        self.written.append((off, value))
        word, shift = off & ~3, 8 * (off & 3)
        mask = (1 << bits) - 1 << shift
        self.words[word] = self.words.get(word, 0) & ~mask | value << shift


class Memory:
    """What dma has given out, for mmio.Regs in it."""

    def read(self, off, bits):
        buf, at = dma.find(dma._BASE + off, bits // 8)
        return int.from_bytes(buf[at : at + bits // 8], "little")

    def write(self, off, bits, value):
        buf, at = dma.find(dma._BASE + off, bits // 8)
        buf[at : at + bits // 8] = value.to_bytes(bits // 8, "little")


class Ehci:
    """line(None) is called as the interrupt.  devices: {port: device of usb_devices}.

    stuck: "halt", "reset", "start", "bell": does not happen.  gone: reads all ones.
    resets: {port: "stuck" | "gone" | "disabled"}.  trouble: {(device, endpoint): status bits}.
    """

    size = 0x400
    caplength = 0x20

    def __init__(self, clock, devices=(), ports=4, companions=1, wide=False, legacy=None):
        self.clock = clock
        self.count = ports
        self.line = None
        self.stuck = self.fault = None
        self.gone = False
        self.resets = {}
        self.trouble = {}
        self.writes = self.hcresets = self.bells = 0
        self.config = Config(legacy)
        self.capabilities = {
            0: 0x01000000 | self.caplength,
            4: ports | 1 << 4 | companions << 12 | (ports if companions else 0) << 8,
            8: int(wide) | (0x60 << 8 if legacy else 0),
        }
        self.ports = [Port(self, companions > 0) for _ in range(ports)]
        self.lists = Lists(self)
        self.toggles = self.lists.toggles
        self.frames = 0
        self.regs = {}
        self._clear()
        for n in dict(devices):
            self.plug(n, devices[n])
        clock.on_pass.append(self.tick)

    def _clear(self):
        self.regs = {USBCMD: 0x80000, USBSTS: HCH, USBINTR: 0, FRINDEX: 0, CONFIGFLAG: 0}
        self.regs.update({SEGMENT: 0, PERIODIC: 0, ASYNC: 0})
        self.lists.forget()

    # ---- registers

    def read(self, off, bits):
        assert bits == 32 or off < 4
        if self.gone:
            return (1 << bits) - 1
        if off < self.caplength:
            return self.capabilities.get(off, 0)
        off -= self.caplength
        if off >= PORTSC:
            return self.ports[off - PORTSC >> 2].portsc
        if off <= USBSTS:
            self.clock.us += 5  # who polls lets time pass
            self._follow()
        return self.regs[off]

    def write(self, off, bits, value):
        assert bits == 32
        self.writes += 1
        if self.gone:
            return
        off -= self.caplength
        assert off >= 0, "a write to a capability"
        if off >= PORTSC:
            self.ports[off - PORTSC >> 2].write(value)
        elif off == USBCMD:
            self._command(value)
        elif off == USBSTS:
            self.regs[USBSTS] &= ~(value & 0x3F)
        else:
            if off in (PERIODIC, ASYNC, SEGMENT):
                assert self.regs[USBSTS] & (PSS if off == PERIODIC else ASS) == 0
            self.regs[off] = value
            if off == CONFIGFLAG and value:
                for port in self.ports:
                    port.portsc &= ~(1 << 13)
        assert not bits or self.fault is None, self.fault

    def _command(self, value):
        old, status = self.regs[USBCMD], self.regs[USBSTS]
        if value & HCRESET:
            assert status & HCH or self.stuck == "halt", "reset while running (§2.3.1)"
            self.hcresets += 1
            if self.stuck == "reset":
                self.regs[USBCMD] = value
                return
            self._clear()
            for port in self.ports:
                port.begin()
            return
        for enable, state in ((PSE, PSS), (ASE, ASS)):
            if (old ^ value) & enable and value & RS:
                assert bool(status & state) == bool(old & enable), "enable before status followed"
        if value & IAAD and not old & IAAD:
            assert status & ASS, "the doorbell without a schedule (§4.8.2)"
            self.bells += 1
        elif old & IAAD and not value & IAAD:
            value |= IAAD  # only hardware clears it
        self.regs[USBCMD] = value
        if value & RS and self.stuck != "start":
            self.regs[USBSTS] &= ~HCH
        elif not value & RS and self.stuck != "halt":
            self.regs[USBSTS] |= HCH
            self.regs[USBSTS] &= ~(PSS | ASS)

    def _follow(self):
        if not self.regs[USBSTS] & HCH:
            for enable, state in ((PSE, PSS), (ASE, ASS)):
                on = self.regs[USBCMD] & enable
                if enable == ASE and not on:
                    self.regs[ASYNC] = self.lists.stopped(self.regs[ASYNC])
                self.regs[USBSTS] = self.regs[USBSTS] & ~state | (state if on else 0)

    # ---- time

    def tick(self):
        """Run the frames that have begun."""
        now = self.clock.us // 1000
        for _ in range(min(now - self.frames, 4)):
            if not self.regs[USBSTS] & HCH and not self.gone:
                self._frame()
        self.frames = now
        self.interrupt()

    def _frame(self):
        self._follow()
        self.regs[FRINDEX] = self.regs[FRINDEX] + 8 & 0x3FFF
        command = self.regs[USBCMD]
        try:
            if command & PSE:
                self.lists.periodic(self.regs[PERIODIC], self.regs[FRINDEX] >> 3 & 1023)
            if command & ASE:
                self.lists.asynchronous(self.regs[ASYNC])
        except AssertionError as why:
            self.fault = why
            raise
        if command & IAAD and self.stuck != "bell" and command & ASE:
            self.lists.answered()
            self.regs[USBCMD] &= ~IAAD
            self.cause(IAA)

    def cause(self, bits):
        self.regs[USBSTS] |= bits

    def interrupt(self):
        """The line is level."""
        for _ in range(20):
            if not self.line or not self.regs[USBSTS] & self.regs[USBINTR] & 0x3F or self.gone:
                return
            self.line(None)
        raise AssertionError("the line does not go down: 0x%x" % self.regs[USBSTS])

    def die(self):
        """A host system error (§4.15.2.4)."""
        self.regs[USBCMD] &= ~RS
        self.regs[USBSTS] = self.regs[USBSTS] & ~(PSS | ASS) | HSE | HCH
        self.interrupt()

    # ---- plugs

    def plug(self, number, device):
        port = self.ports[number - 1]
        port.device = device
        device.on_vanish = lambda: self.unplug(number)
        device.plugged(lambda endpoint: None)
        port.connect()

    def unplug(self, number):
        self.ports[number - 1].disconnect()

    def reached(self):
        """(device, translator, its port) of all that answer on the bus: behind enabled ports."""
        out = []
        for port in self.ports:
            if port.device is not None and port.portsc & 4:
                _walk(port.device, None, 0, out)
        return out


def _walk(device, hub, at, out):
    out.append((device, hub, at))
    for n in range(1, getattr(device, "ports", 0) + 1):
        behind = device.behind(n)
        if behind is not None:
            slow = behind.speed != "high"
            mine = (device, n) if device.speed == "high" and slow else (hub, at)
            _walk(behind, mine[0], mine[1], out)
