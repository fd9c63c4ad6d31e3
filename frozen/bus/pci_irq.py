"""A function's interrupt: MSI-X, else MSI, else INTx (PCI 3.0 §6.8, §2.2.6; PCIe 5.0 §6.1)."""

import errno

import irq
from micropython import const

import pci_caps
import pci_intx

_EBUSY = const(16)  # the unix port's errno lacks both
_ENOSPC = const(28)
_COMMAND = const(0x04)
_COMMAND_NO_INTX = const(1 << 10)  # §6.2.2
_MSI_CTL = const(2)  # §6.8.1.3
_MSI_CTL_ENABLE = const(1 << 0)
_MSI_CTL_COUNT = const(7 << 4)
_MSI_CTL_WIDE = const(1 << 7)
_MSI_CTL_MASKABLE = const(1 << 8)
_MSI_ADDRESS = const(4)
_MSIX_CTL = const(2)  # §6.8.2.3
_MSIX_CTL_MASK = const(1 << 14)
_MSIX_CTL_ENABLE = const(1 << 15)
_ENTRY = const(16)  # §6.8.2.6
_ENTRY_MASK = const(12)
_MASKED = const(1 << 0)
_KINDS = ("msix", "msi", "intx")


class Interrupt:
    """How one function interrupts.  kind: "msix", "msi" or "intx"; lines: {vector: Line}.

    count: how many vectors it has now, of those wanted.  kinds: which to try.
    Raises OSError(ENODEV) where none works.
    """

    def __init__(self, f, count, kinds=_KINDS):
        self.f = f
        self.lines = {}
        self.vectors = None
        self.count = count
        self.kind = None
        self._table = None
        self._mask_at = 0
        self._intid = None
        self._cap = 0
        for kind in _KINDS:
            if kind in kinds:
                try:
                    if getattr(self, "_start_" + kind)():
                        self.kind = kind
                        return
                except OSError:
                    self._give_back()
                    raise
        raise OSError(errno.ENODEV, "%s has no interrupt that can be routed" % f.bdf)

    def __repr__(self):
        return "<%s %s %d of %d hooked>" % (self.f.bdf, self.kind, len(self.lines), self.count)

    def hook(self, handler, vector=0, hard=False, name=None):
        """Give a vector its handler; the Line.  Raises ValueError, OSError(EBUSY)."""
        if not 0 <= vector < self.count:
            raise ValueError("%s has vectors 0 to %d" % (self.f.bdf, self.count - 1))
        if vector in self.lines:
            raise OSError(_EBUSY, "%s vector %d has a handler" % (self.f.bdf, vector))
        name = name or "pci %s" % self.f.bdf
        if self.kind == "intx":
            line = pci_intx.request(self._intid, handler, hard, name)
            self._intx(True)
        else:
            line = self.vectors.request(vector, handler, hard=hard, name=name)
        self.lines[vector] = line
        self.mask(vector, False)
        return line

    def mask(self, vector, masked=True):
        """Hold back the messages of one vector at the device; False where it cannot."""
        if self.kind == "msix":
            self._table.write32(vector * _ENTRY + _ENTRY_MASK, int(masked))
        elif self.kind == "msi" and self._mask_at:
            bits = self.f.cfg.read32(self._mask_at)
            bit = 1 << vector
            self.f.cfg.write32(self._mask_at, bits | bit if masked else bits & ~bit)
        else:
            return False
        return True

    def pending(self, vector):
        """Whether a masked vector has a message waiting; None where the device does not tell."""
        if self.kind == "msix":
            return bool(self._pba.read32(vector // 32 * 4) >> vector % 32 & 1)
        if self.kind == "msi" and self._mask_at:
            return bool(self.f.cfg.read32(self._mask_at + 4) >> vector & 1)
        return None

    def release(self):
        """Silence the function and give lines and vectors back.

        A handler that still runs or is queued keeps its line: OSError(EBUSY), call again.
        """
        cfg = self.f.cfg
        if self.kind == "msix":
            control = cfg.read16(self._cap + _MSIX_CTL)
            cfg.write16(self._cap + _MSIX_CTL, control | _MSIX_CTL_MASK)
            for vector in range(self.count):
                self.mask(vector)
            cfg.write16(self._cap + _MSIX_CTL, control & ~(_MSIX_CTL_ENABLE | _MSIX_CTL_MASK))
        elif self.kind == "msi":
            control = cfg.read16(self._cap + _MSI_CTL)
            cfg.write16(self._cap + _MSI_CTL, control & ~_MSI_CTL_ENABLE)
        else:
            self._intx(False)
        cfg.read16(_COMMAND)  # the writes have arrived when this has
        for vector in list(self.lines):
            self.lines[vector].free()
            del self.lines[vector]
        self._give_back()

    def _give_back(self):
        if self.vectors is not None:
            self.vectors.free()
            self.vectors = None

    def _intx(self, on):
        command = self.f.cfg.read16(_COMMAND)
        wanted = command & ~_COMMAND_NO_INTX if on else command | _COMMAND_NO_INTX
        self.f.cfg.write16(_COMMAND, wanted)

    def _take(self, count):
        """Vectors for `count` messages, or None where nothing takes messages."""
        while count:
            try:
                return irq.msi(count, device=self.f.requester)
            except OSError as error:
                if error.errno not in (errno.ENODEV, _ENOSPC):
                    raise
                count = count // 2 if error.errno == _ENOSPC else 0
        return None

    def _start_msix(self):
        cap = self.f.capability(pci_caps.MSIX)
        if cap is None:
            return False
        fields = cap.fields()
        try:
            table = self.f.bar(fields["table"][0])
            pba = self.f.bar(fields["pba"][0])
            size = fields["vectors"]
            self._table = table.window(fields["table"][1], size * _ENTRY, "msix")
            self._pba = pba.window(fields["pba"][1], (size + 63) // 64 * 8, "pba")
        except (ValueError, IndexError, OSError):
            return False  # no BAR holds it
        self.vectors = self._take(min(size, self.count))
        if self.vectors is None:
            return False
        self.count = len(self.vectors)
        self._cap = cap.offset
        self.f.enable(memory=True, master=None)
        control = self.f.cfg.read16(cap.offset + _MSIX_CTL) | _MSIX_CTL_ENABLE
        # Enabled with everything masked: entries may be written only where no message can go.
        self.f.cfg.write16(cap.offset + _MSIX_CTL, control | _MSIX_CTL_MASK)
        for vector in range(size):
            self._table.write32(vector * _ENTRY + _ENTRY_MASK, _MASKED)
        for vector in range(self.count):
            address, data, _ = self.vectors[vector]
            at = vector * _ENTRY
            self._table.write32(at, address & 0xFFFFFFFF)
            self._table.write32(at + 4, address >> 32)
            self._table.write32(at + 8, data)
        self._intx(False)
        self.f.cfg.write16(cap.offset + _MSIX_CTL, control & ~_MSIX_CTL_MASK)
        return True

    def _start_msi(self):
        cap = self.f.capability(pci_caps.MSI)
        if cap is None:
            return False
        self.vectors = self._take(min(cap.fields()["vectors"], self.count))
        if self.vectors is None:
            return False
        cfg, at = self.f.cfg, cap.offset
        self._cap = at
        control = cfg.read16(at + _MSI_CTL) & ~(_MSI_CTL_ENABLE | _MSI_CTL_COUNT)
        wide = control & _MSI_CTL_WIDE
        address, data, _ = self.vectors[0]
        self.count = len(self.vectors)
        if self.count & (self.count - 1) or data & (self.count - 1) or address >> 32 and not wide:
            # The device counts in the low bits of the data: one message fits everywhere.
            self._give_back()
            self.vectors = self._take(1)
            if self.vectors is None:
                return False
            address, data, _ = self.vectors[0]
            self.count = 1
            if address >> 32 and not wide:
                self._give_back()
                return False
        if control & _MSI_CTL_MASKABLE:
            self._mask_at = at + (16 if wide else 12)
        # Linux's order on Parallels, observed: disable, mask, address and data, INTx off, enable.
        cfg.write16(at + _MSI_CTL, control)
        if self._mask_at:
            cfg.write32(self._mask_at, 0xFFFFFFFF >> 32 - self.count)
        cfg.write32(at + _MSI_ADDRESS, address & 0xFFFFFFFF)
        if wide:
            cfg.write32(at + _MSI_ADDRESS + 4, address >> 32)
        cfg.write16(at + (12 if wide else 8), data)
        self._intx(False)
        log2 = 0
        while 1 << log2 < self.count:
            log2 += 1
        cfg.write16(at + _MSI_CTL, control | log2 << 4 | _MSI_CTL_ENABLE)
        return True

    def _start_intx(self):
        self._intid = self.f.intid
        self.count = 1
        return self._intid is not None
