"""Root ports of the model of an xHCI controller (xHCI 1.2 §4.19, §5.4.8)."""

CCS, PED, PR, PP, CSC, PEC, WRC, PRC, PLC = (
    1,
    2,
    16,
    512,
    1 << 17,
    1 << 18,
    1 << 19,
    1 << 21,
    1 << 22,
)
_CHANGES = 0x7F << 17
SPEEDS = {"full": 1, "low": 2, "high": 3, "super": 4}
_PCD = 0x10


class Port:
    def __init__(self, xhci, number, major):
        self.xhci = xhci
        self.number = number
        self.major = major
        self.device = None
        self.portsc = PP | 5 << 5
        self.resets = self.warm_resets = 0
        self.hurt = False

    def connect(self):
        """What a device that is there looks like, after a reset of the controller or plugging."""
        self.portsc &= ~(0xF << 5 | 0xF << 10 | PED | CCS)
        if self.device is None:
            self.portsc |= 5 << 5
            return
        self.portsc |= CCS | SPEEDS[self.device.speed] << 10
        self.portsc |= PED if self.major == 3 else 7 << 5

    def change(self, bits):
        """An event only where no change stood before (§4.19.2)."""
        first = not self.portsc & _CHANGES
        self.portsc |= bits
        if first:
            self.xhci.event(self.number << 24, 0, 1 << 24, 34)
            self.xhci.status |= _PCD

    def write(self, value):
        old = self.portsc
        self.portsc &= ~(value & _CHANGES)
        if value & PED and old & PED:
            self.portsc &= ~PED
        self.portsc = self.portsc & ~PP | value & PP
        if value & 1 << 16 and value >> 5 & 15 == 4:
            self.portsc = self.portsc & ~(PED | 0xF << 5) | 4 << 5
        if value & PR or value & 1 << 31:
            self.reset(bool(value & 1 << 31))

    def reset(self, warm):
        if warm:
            assert self.major == 3, "a warm reset of a USB 2 port"
        fault = self.xhci.resets.get(self.number)
        self.resets += not warm
        self.warm_resets += warm
        if self.portsc & PED and "reset-hurts" in self.xhci.variants:
            self.hurt = True
        if fault == "stuck":
            self.portsc |= PR
            return
        if fault == "gone":
            self.device = None
            self.connect()
            self.change(CSC | PRC)
            return
        if self.device is not None and fault != "disabled":
            self.portsc = self.portsc & ~(0xF << 5) | PED
            self.device.reset()
        self.change(PRC | (WRC if warm else 0))
