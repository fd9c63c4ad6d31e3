"""Capability lists: which there are, where, and their fields (PCI 3.0 §6.7, PCIe 5.0 §7)."""

from micropython import const

_CAP_PTR = const(0x34)  # §6.7
_STATUS = const(0x06)
_STATUS_CAPS = const(1 << 4)
_EXT_START = const(0x100)  # PCIe 5.0 §7.6

PM = const(0x01)
MSI = const(0x05)
VENDOR = const(0x09)
BRIDGE_SSVID = const(0x0D)
PCIE = const(0x10)
MSIX = const(0x11)

# PCI Code and ID Assignment 1.11, one name an id from 0.
_NAMES = (
    "null PM AGP VPD SlotID MSI CompactPCI PCI-X HyperTransport Vendor Debug CompactCRC Hotplug "
    "SSVID AGP8x Secure PCIe MSI-X SATA AF EA FPB"
).split()
_EXT_NAMES = (
    "null AER VC DSN Power RootLinkDecl RootLinkCtl RCEC MFVC VC9 RCRB Vendor CAC ACS ARI ATS "
    "SR-IOV MR-IOV Multicast PRI AMD ResizableBAR DPA TPH LTR SecondaryPCIe PMUX PASID LNR DPC "
    "L1SS PTM MPCIe FRS ReadinessTime DVSEC VFResizableBAR DataLink Physical16GT LaneMargining "
    "HierarchyID NPEM Physical32GT AltProtocol SFI"
).split()
_VIRTIO_TYPES = ("", "common", "notify", "isr", "device", "pci-cfg", "", "", "shared-memory")


class Capability:
    """One entry of a list.  id; offset in configuration space; extended: of the list at 0x100."""

    def __init__(self, cfg, id, offset, extended, virtio):
        self.cfg = cfg
        self.id = id
        self.offset = offset
        self.extended = extended
        self._virtio = virtio

    @property
    def name(self):
        """Short name; hexadecimal where the id has none here."""
        names = _EXT_NAMES if self.extended else _NAMES
        if self.id < len(names):
            return names[self.id]
        return "0x%02x" % self.id

    @property
    def version(self):
        """Version of an extended capability's structure; 0 for others."""
        return self.cfg.read32(self.offset) >> 16 & 15 if self.extended else 0

    def __repr__(self):
        return "<%s%s at 0x%x>" % ("extended " if self.extended else "", self.name, self.offset)

    def fields(self):
        """dict of what is decoded of PM, MSI, MSI-X, PCIe, vendor, SSVID, DSN; {} for others."""
        if not self.extended:
            decode = _DECODERS.get(self.id)
            if decode:
                return decode(self)
        elif self.id == 3:
            return {"serial": self.cfg.read32(self.offset + 8) << 32 | self.u32(4)}
        return {}

    def u8(self, at):
        """8 bits at an offset in the capability."""
        return self.cfg.read8(self.offset + at)

    def u16(self, at):
        """16 bits at an offset in the capability."""
        return self.cfg.read16(self.offset + at)

    def u32(self, at):
        """32 bits at an offset in the capability."""
        return self.cfg.read32(self.offset + at)

    def _pm(self):
        control = self.u16(4)
        return {"version": self.u16(2) & 7, "state": control & 3, "pme": bool(control >> 8 & 1)}

    def _msi(self):
        control = self.u16(2)
        wide = control >> 7 & 1
        found = {
            "enabled": bool(control & 1),
            "vectors": 1 << min(control >> 1 & 7, 5),
            "allocated": 1 << min(control >> 4 & 7, 5),
            "bits": 64 if wide else 32,
            "maskable": bool(control >> 8 & 1),
            "address": self.u32(4) | (self.u32(8) << 32 if wide else 0),
            "data": self.u16(12 if wide else 8),
        }
        return found

    def _msix(self):
        control, table, pba = self.u16(2), self.u32(4), self.u32(8)
        return {
            "enabled": bool(control >> 15),
            "masked": bool(control >> 14 & 1),
            "vectors": (control & 0x7FF) + 1,
            "table": (table & 7, table & ~7),
            "pba": (pba & 7, pba & ~7),
        }

    def _pcie(self):
        flags = self.u16(2)
        link = self.u16(18)
        return {
            "version": flags & 15,
            "type": flags >> 4 & 15,
            "slot": bool(flags >> 8 & 1),
            "speed": link & 15,
            "width": link >> 4 & 63,
        }

    def _vendor(self):
        """virtio 1.2 §4.1.4: virtio's vendor capability names a part of a BAR."""
        length = self.u8(2)
        found = {"length": length}
        if not self._virtio or length < 16:
            return found
        kind = self.u8(3)
        found["type"] = _VIRTIO_TYPES[kind] if kind < len(_VIRTIO_TYPES) else ""
        found["cfg_type"] = kind
        found["bar"] = self.u8(4)
        found["offset"] = self.u32(8)
        found["size"] = self.u32(12)
        if kind == 2 and length >= 20:
            found["multiplier"] = self.u32(16)
        return found

    def _ssvid(self):
        return {"vendor": self.u16(4), "device": self.u16(6)}


_DECODERS = {
    PM: Capability._pm,
    MSI: Capability._msi,
    VENDOR: Capability._vendor,
    BRIDGE_SSVID: Capability._ssvid,
    PCIE: Capability._pcie,
    MSIX: Capability._msix,
}


def walk(cfg, vendor=0):
    """(list of Capability in the order of the chains, text of what is wrong with them or None).

    cfg: Regs of one function.  A chain that comes back to itself or leaves its space ends there.
    """
    found = []
    problem = None
    virtio = vendor == 0x1AF4
    express = False
    if cfg.read16(_STATUS) & _STATUS_CAPS:
        at = cfg.read8(_CAP_PTR) & 0xFC
        seen = 0
        while at:
            if at < 0x40 or seen >> (at >> 2) & 1:
                problem = "capability list: bad or repeated pointer 0x%x" % at
                break
            seen |= 1 << (at >> 2)
            head = cfg.read16(at)
            id = head & 0xFF
            if id == 0xFF:
                problem = "capability list: nothing at 0x%x" % at
                break
            found.append(Capability(cfg, id, at, False, virtio))
            express = express or id == PCIE
            at = head >> 8 & 0xFC
    if express:
        problem = _walk_extended(cfg, found) or problem
    return found, problem


def _walk_extended(cfg, found):
    at = _EXT_START
    seen = set()
    while at:
        head = cfg.read32(at)
        if at == _EXT_START and head in (0, 0xFFFFFFFF):
            return None
        if head == 0xFFFFFFFF:
            return "extended capability list: nothing at 0x%x" % at
        seen.add(at)
        found.append(Capability(cfg, head & 0xFFFF, at, True, False))
        at = head >> 20 & 0xFFC
        if at and (at < _EXT_START or at in seen):
            return "extended capability list: bad or repeated pointer 0x%x" % at
    return None
