"""Root ports of the model of an EHCI controller (EHCI 1.0 §2.3.9, §4.2)."""

CCS, CSC, PED, PEDC, OCA, OCC, PR, PP, PO = 1, 2, 4, 8, 0x10, 0x20, 0x100, 0x1000, 0x2000
_PCD = 4
_CHANGES = CSC | PEDC | OCC


class Port:
    """portsc.  companion: whether there is one.  handed: how often it got the port."""

    def __init__(self, ehci, companion):
        self.ehci = ehci
        self.companion = companion
        self.device = None
        self.handed = self.resets = 0
        self.begun = None
        self.portsc = 0
        self.begin()

    def begin(self):
        """As a reset of the controller leaves it."""
        self.portsc = PO if self.companion else 0
        self.begun = None

    def change(self, bits):
        self.portsc |= bits
        self.ehci.cause(_PCD)

    def connect(self):
        """What is there becomes visible, if the port has power and is EHCI's."""
        if self.device is None or not self.portsc & PP or self.portsc & PO:
            return
        self.portsc &= ~(3 << 10)
        self.portsc |= (1 if self.device.speed == "low" else 2) << 10
        self.device.reset()
        self.change(CCS | CSC)

    def disconnect(self):
        self.device = None
        if self.portsc & PO:
            self.portsc &= ~PO  # §4.2.2: it comes back
            return
        self.portsc &= ~(CCS | PED | PR | 3 << 10)
        self.change(CSC)

    def overcurrent(self, on):
        self.portsc &= ~(OCA | PED)
        self.change(OCC | (OCA if on else 0))

    def write(self, value):
        old = self.portsc
        self.portsc &= ~(value & _CHANGES)
        if not value & PED:
            self.portsc &= ~PED
        self.portsc = self.portsc & ~PP | value & PP
        if value & PP and not old & PP:
            self.connect()
        if value & PO and not old & PO:
            assert self.companion, "no companion to own it"
            self.handed += 1
            self.portsc &= ~(CCS | PED | 3 << 10)
            self.portsc |= PO
            self.change(CSC)
        if value & PR and not old & PR:
            assert not value & PED, "PED is to be written as 0 (§2.3.9)"
            self.portsc |= PR
            self.begun = self.ehci.clock.us
            self.resets += 1
        elif old & PR and not value & PR:
            self._reset_ends()

    def _reset_ends(self):
        fault = self.ehci.resets.get(self.ehci.ports.index(self) + 1)
        assert self.ehci.clock.us - self.begun >= 50000, "TDRSTR"
        if fault == "stuck":
            return
        self.portsc &= ~PR
        if fault == "gone":
            self.disconnect()
            return
        if self.device is None or not self.portsc & CCS:
            return
        self.device.reset()
        self.ehci.lists.reset(self.device)
        if self.device.speed == "high" and fault != "disabled":
            self.portsc |= PED
