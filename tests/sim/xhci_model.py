"""A model of an xHCI controller for unit tests: registers, ports, event ring (xHCI 1.2 §4, §5).

By default Parallels' (reference §6.1, §11.5): 4 KiB BAR, doorbells at 0x680, ports 1-12 USB 3 and
13-14 USB 2 that come up enabled, 32-byte contexts, no scratchpads.  Rings are in xhci_model_rings,
commands in xhci_model_slots.  What software must not do is an AssertionError.

Variants, off unless named: "reset-hurts" (U31), "changes-hurt" (U32), "msi-clears-ip" (U21),
"late" (commands are done some time after the doorbell).
commands: {index: fault} for the n-th command: "silent" (never answered), "deaf" (nor is the ring
stopped), or a completion code.  resets: {port: "stuck" | "gone" | "disabled"}.
"""

from usb_toggles import Toggles
from xhci_model_events import ERDP, ERSTBA, ERSTSZ, IMAN, IMOD, Events
from xhci_model_ports import CSC, PP, Port
from xhci_model_slots import Slots

USBCMD, USBSTS, PAGESIZE, DNCTRL, CRCR, DCBAAP, CONFIG = 0, 4, 8, 0x14, 0x18, 0x30, 0x38
HCH, HSE, EINT, PCD, CNR, HCE = 1, 4, 8, 0x10, 1 << 11, 1 << 12
PARALLELS = ((3, 0x10, 1, 12), (2, 0, 13, 2))


class Xhci(Events):
    """regs at 0 of the model.  line(None) is called as the interrupt.

    devices: {port: device of usb_devices}.  protocols: (major, minor, first,
    count) each.  legacy: the firmware owns it: "lets go" or "keeps".
    """

    def __init__(
        self,
        clock,
        devices=(),
        *,
        protocols=PARALLELS,
        slots=32,
        csz=False,
        scratchpads=0,
        legacy=None,
        size=0x1000,
        dboff=0x680,
        rtsoff=0x600,
        variants=(),
    ):
        self.clock = clock
        self.size = size
        self.caplength = 0x20
        self.version = 0x110
        self.dboff, self.rtsoff, self.xecp = dboff, rtsoff, 0x704
        self.protocols = protocols
        self.count = max(first + count - 1 for _, _, first, count in protocols)
        self.slot_count = slots
        self.stride = 64 if csz else 32
        self.scratchpads = scratchpads
        self.variants = variants
        self.commands = {}
        self.resets = {}
        self.line = None
        self.legacy = legacy
        self.smi = 0xE1F1
        self.hcresets = self.reads = 0
        self.written = []  # (offset, value)
        self.stuck = None  # "halt", "reset", "start": does not happen
        self.gone = False  # reads all ones
        self.astray = False  # the host has reset it, and nobody knows
        self.log = []  # (name, details) of commands done
        self.toggles = Toggles()
        self.words = self.extended()
        self.ports = [Port(self, n, self.major(n)) for n in range(1, self.count + 1)]
        for n in dict(devices):
            self.put(n, devices[n])
        self.power_on()
        clock.on_pass.append(self.tick)

    def major(self, port):
        for major, _, first, count in self.protocols:
            if first <= port < first + count:
                return major
        return 2

    def extended(self):
        """The extended capabilities, dwords from xecp on."""
        words = []
        if self.legacy:
            words += [1 | 1 << 16 | 4 << 8, 0, 0, 0]
        for major, minor, first, count in self.protocols:
            words += [2 | 4 << 8 | minor << 16 | major << 24, 0x20425355, first | count << 8, 0]
        words[-4] &= ~0xFF00
        return words

    def power_on(self):
        self.command = self.config = self.dnctrl = 0
        self.status = HCH
        self.crcr = self.dcbaap = 0
        self.running = False  # the command ring
        self.interrupter = {IMAN: 0, IMOD: 4000, ERSTSZ: 0, ERSTBA: 0, ERSTBA + 4: 0, ERDP: 0}
        self.interrupter[ERDP + 4] = 0
        self.segment = self.entry = 0
        self.cycle = 1
        self.lost = 0
        self.slots = Slots(self)
        for port in self.ports:
            port.portsc = PP
            port.connect()
            if port.device is not None:
                port.portsc |= CSC
                port.device.reset()

    # ---- registers

    def read(self, off, bits):
        assert bits == 32, "only 32-bit accesses (§10)"
        self.clock.us += 1000 if self.stuck else 10  # so waiting for a register ends
        self.reads += 1
        if self.gone:
            return 0xFFFFFFFF
        if off < 0x20:
            return (
                self.caplength | self.version << 16,
                self.slot_count | 1 << 8 | self.count << 24,
                1 << 4 | (self.scratchpads >> 5) << 21 | (self.scratchpads & 31) << 27,
                0,
                0x5001 | (self.stride == 64) << 2 | self.xecp >> 2 << 16,
                self.dboff,
                self.rtsoff,
                0,
            )[off // 4]
        if off >= self.xecp:
            i = (off - self.xecp) // 4
            if self.legacy and i == 1:
                return self.smi
            return self.words[i] if i < len(self.words) else 0
        if off >= self.dboff:
            return 0
        if off >= self.rtsoff:
            return self.interrupter.get(off - self.rtsoff, 0)
        off -= self.caplength
        if off >= 0x400:
            n, at = divmod(off - 0x400, 16)
            return self.ports[n].portsc if at == 0 and n < self.count else 0
        return {
            USBCMD: self.command,
            USBSTS: self.status,
            PAGESIZE: 1,
            DNCTRL: self.dnctrl,
            CRCR: 8 if self.running else 0,
            DCBAAP: self.dcbaap & 0xFFFFFFFF,
            DCBAAP + 4: self.dcbaap >> 32,
            CONFIG: self.config,
        }.get(off, 0)

    def write(self, off, bits, value):
        assert bits == 32, "only 32-bit accesses (§10)"
        self.written.append((off, value))
        if off >= self.xecp:
            self.write_extended((off - self.xecp) // 4, value)
        elif off >= self.dboff:
            if self.status & (HSE | HCE) or self.astray:
                return
            assert self.command & 1, "a doorbell while halted"
            self.slots.doorbell((off - self.dboff) // 4, value)
        elif off >= self.rtsoff:
            self.write_runtime(off - self.rtsoff, value)
        elif off >= self.caplength + 0x400:
            n, at = divmod(off - self.caplength - 0x400, 16)
            if at == 0:
                self.ports[n].write(value)
        else:
            self.write_operational(off - self.caplength, value)

    def write_extended(self, i, value):
        if self.legacy and i == 0:
            self.words[0] = value if self.legacy == "keeps" else value & ~(1 << 16)
        elif self.legacy and i == 1:
            self.smi = value & ~(7 << 29)

    def write_operational(self, off, value):
        if off == USBCMD:
            self.control(value)
        elif off == USBSTS:
            self.status &= ~(value & 0x41C)
        elif off == CRCR:
            self.write_crcr(value)
        elif off == CRCR + 4:
            if not self.running:
                self.crcr = self.crcr & 0xFFFFFFFF | value << 32
        elif off in (DCBAAP, DCBAAP + 4):
            assert not self.command & 1, "DCBAAP while running"
            shift = 0 if off == DCBAAP else 32
            self.dcbaap = self.dcbaap & 0xFFFFFFFF << 32 - shift | value << shift
            assert self.dcbaap % 64 == 0
        elif off == CONFIG:
            assert value <= self.slot_count
            self.config = value
        elif off == DNCTRL:
            self.dnctrl = value

    def write_crcr(self, value):
        if self.running:
            if value & 6 and not self.slots.deaf:
                self.running = False
                self.slots.abort()
            return
        self.crcr = self.crcr & 0xFFFFFFFF << 32 | value & ~0x3E
        self.slots.command_at = None

    def control(self, value):
        if value & 2:
            assert self.status & HCH or self.stuck == "halt", "HCRST while running"
            self.hcresets += 1
            self.astray = False
            if self.stuck != "reset":
                self.power_on()
            else:
                self.command |= 2
            return
        if value & 1 and not self.command & 1:
            assert self.dcbaap and self.config and self.crcr, "started half programmed"
            assert self.interrupter[ERSTSZ], "no event ring"
        self.command = value
        if value & 1:
            if self.stuck != "start":
                self.status &= ~HCH
        elif self.stuck != "halt":
            self.status |= HCH
            self.running = False

    def tick(self):
        """Time passes: devices may have data, interrupts arrive."""
        if self.command & 1:
            self.slots.tick()
        while self.pended and self.line:
            self.pended = False
            self.line(None)

    # ---- what tests do

    def put(self, number, device):
        self.ports[number - 1].device = device
        device.on_vanish = lambda: self.unplug(number)
        device.plugged(lambda endpoint: None)  # tick() looks

    def plug(self, number, device):
        self.put(number, device)
        device.reset()
        port = self.ports[number - 1]
        port.connect()
        port.change(CSC)

    def unplug(self, number):
        port = self.ports[number - 1]
        port.device = None
        port.connect()
        port.change(CSC)

    def stray(self):
        """The host resets it behind the driver's back (U25)."""
        self.power_on()
        self.astray = True

    def die(self, bits=HSE):
        """A host system error, or HCE."""
        self.status |= bits | HCH
        self.command &= ~1
        self.pended = True
