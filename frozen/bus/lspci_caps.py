"""Capabilities as lines of lspci -vv (PCI 3.0 §6.7, PCIe 5.0 §7.7 to §7.9)."""

import lspci_express
import pci_caps
from lspci_flags import flags

_EXTENDED = {
    0x01: "Advanced Error Reporting",
    0x02: "Virtual Channel",
    0x0B: "Vendor Specific Information",
    0x0D: "Access Control Services",
    0x0E: "Alternative Routing-ID Interpretation (ARI)",
    0x0F: "Address Translation Service (ATS)",
    0x10: "Single Root I/O Virtualization (SR-IOV)",
    0x13: "Page Request Interface (PRI)",
    0x15: "Physical Resizable BAR",
    0x17: "Transaction Processing Hints",
    0x18: "Latency Tolerance Reporting",
    0x19: "Secondary PCI Express",
    0x1B: "Process Address Space ID (PASID)",
    0x1D: "Downstream Port Containment",
    0x1E: "L1 PM Substates",
    0x1F: "Precision Time Measurement",
    0x23: "Designated Vendor-Specific",
    0x25: "Data Link Feature",
    0x26: "Physical Layer 16.0 GT/s",
    0x27: "Lane Margining at the Receiver",
}
_VIRTIO = {1: "CommonCfg", 2: "Notify", 3: "ISR", 4: "DeviceCfg"}
_AUX_MA = (0, 55, 100, 160, 220, 270, 320, 375)
_UE = (
    "DLP@4 SDES@5 TLP@12 FCP@13 CmpltTO@14 CmpltAbrt@15 UnxCmplt@16 RxOF@17 MalfTLP@18 ECRC@19 "
    "UnsupReq@20 ACSViol@21"
)
_CE = "RxErr@0 BadTLP@6 BadDLLP@7 Rollover@8 Timeout@12 AdvNonFatalErr@13"
_ACS = "SrcValid@0 TransBlk@1 ReqRedir@2 CmpltRedir@3 UpstreamFwd@4 EgressCtrl@5 DirectTrans@6"


def lines(f, cap, verbose, subsystem):
    """Lines of one capability; the details from verbose 2.  subsystem: names one by its ids."""
    if cap.extended:
        head = "\tCapabilities: [%x v%d] " % (cap.offset, cap.version)
        body = _extended(f, cap)
    else:
        head = "\tCapabilities: [%02x] " % cap.offset
        body = _PLAIN.get(cap.id, _unknown)(f, cap, subsystem)
    lead = head
    try:
        for line in body:
            if lead is head or verbose > 1:
                yield lead + line
            lead = "\t\t"
    except IndexError:
        yield lead + "<reaches past configuration space>"


def _unknown(f, cap, subsystem):
    yield cap.name


def _pm(f, cap, subsystem):
    flags_, control = cap.u16(2), cap.u16(4)
    yield "Power Management version %d" % (flags_ & 7)
    yield "Flags: %s AuxCurrent=%dmA PME(%s)" % (
        flags("PMEClk@3 DSI@5 D1@9 D2@10", flags_),
        _AUX_MA[flags_ >> 6 & 7],
        flags("D0@11 D1@12 D2@13 D3hot@14 D3cold@15", flags_).replace(" ", ","),
    )
    yield "Status: D%d %s DSel=%d DScale=%d %s" % (
        control & 3,
        flags("NoSoftRst@3 PME-Enable@8", control),
        control >> 9 & 15,
        control >> 13 & 3,
        flags("PME@15", control),
    )


def _msi(f, cap, subsystem):
    control, fields = cap.u16(2), cap.fields()
    yield "MSI: %s Count=%d/%d %s" % (
        flags("Enable@0", control),
        fields["allocated"],
        fields["vectors"],
        flags("Maskable@8 64bit@7", control),
    )
    form = "Address: %016x  Data: %04x" if fields["bits"] == 64 else "Address: %08x  Data: %04x"
    yield form % (fields["address"], fields["data"])
    if fields["maskable"]:
        at = 16 if fields["bits"] == 64 else 12
        yield "Masking: %08x  Pending: %08x" % (cap.u32(at), cap.u32(at + 4))


def _msix(f, cap, subsystem):
    control, fields = cap.u16(2), cap.fields()
    yield "MSI-X: %s Count=%d %s" % (
        flags("Enable@15", control),
        fields["vectors"],
        flags("Masked@14", control),
    )
    yield "Vector table: BAR=%d offset=%08x" % fields["table"]
    yield "PBA: BAR=%d offset=%08x" % fields["pba"]


def _vendor(f, cap, subsystem):
    fields = cap.fields()
    if "bar" not in fields:
        yield "Vendor Specific Information: Len=%02x <?>" % fields["length"]
        return
    yield "Vendor Specific Information: VirtIO: " + _VIRTIO.get(fields["cfg_type"], "<unknown>")
    text = "BAR=%d offset=%08x size=%08x" % (fields["bar"], fields["offset"], fields["size"])
    yield text + (" multiplier=%08x" % fields["multiplier"] if "multiplier" in fields else "")


def _ssvid(f, cap, subsystem):
    fields = cap.fields()
    yield "Subsystem: " + subsystem(f, fields["vendor"], fields["device"])


def _sata(f, cap, subsystem):
    version, place = cap.u8(2), cap.u32(4)
    bar = (place & 15) - 4
    yield "SATA HBA v%d.%d BAR%d Offset=%08x" % (version >> 4, version & 15, bar, place >> 4)


def _slot_id(f, cap, subsystem):
    slots = cap.u8(2)
    yield "Slot ID: %d slots, %s, chassis %02x" % (slots & 31, flags("First@5", slots), cap.u8(3))


def _hotplug(f, cap, subsystem):
    yield "Hot-plug capable"


def _extended(f, cap):
    if cap.id == 3:
        serial = cap.fields()["serial"].to_bytes(8, "big")
        yield "Device Serial Number " + "-".join(["%02x" % value for value in serial])
        return
    yield _EXTENDED.get(cap.id, cap.name)
    if cap.id == 1:
        yield from _aer(f, cap)
    elif cap.id == 0x0D:
        yield "ACSCap:\t" + flags(_ACS, cap.u16(4))
        yield "ACSCtl:\t" + flags(_ACS, cap.u16(6))
    elif cap.id == 0x0E:
        can = cap.u16(4)
        yield "ARICap:\t%s, Next Function: %d" % (flags("MFVC@0 ACS@1", can), can >> 8)
        control = cap.u16(6)
        words = flags("MFVC@0 ACS@1", control)
        yield "ARICtl:\t%s, Function Group: %d" % (words, control >> 4 & 7)
    elif cap.id == 0x10:
        yield from _sriov(cap)


def _aer(f, cap):
    yield "UESta:\t" + flags(_UE, cap.u32(4))
    yield "UEMsk:\t" + flags(_UE, cap.u32(8))
    yield "UESvrt:\t" + flags(_UE, cap.u32(12))
    yield "CESta:\t" + flags(_CE, cap.u32(16))
    yield "CEMsk:\t" + flags(_CE, cap.u32(20))
    control = cap.u32(24)
    words = "ECRCGenCap@5 ECRCGenEn@6 ECRCChkCap@7 ECRCChkEn@8"
    yield "AERCap:\tFirst Error Pointer: %02x, %s" % (control & 31, flags(words, control))
    yield "\t" + flags("MultHdrRecCap@9 MultHdrRecEn@10 TLPPfxPres@11 HdrLogCap@12", control)
    yield "HeaderLog: " + " ".join(["%08x" % cap.u32(at) for at in range(28, 44, 4)])
    express = f.capability(pci_caps.PCIE)
    if express is not None and express.fields()["type"] in (4, 10):
        yield "RootCmd: " + flags("CERptEn@0 NFERptEn@1 FERptEn@2", cap.u32(44))
        status = cap.u32(48)
        yield "RootSta: " + flags("CERcvd@0 MultCERcvd@1 UERcvd@2 MultUERcvd@3", status)
        words = flags("FirstFatal@4 NonFatalMsg@5 FatalMsg@6", status)
        yield "\t %s IntMsg %d" % (words, status >> 27)
        source = cap.u32(52)
        ids = source & 0xFFFF, source >> 16
        yield "ErrorSrc: ERR_COR: %04x ERR_FATAL/NONFATAL: %04x" % ids


def _sriov(cap):
    counts = cap.u16(12), cap.u16(14), cap.u16(16), cap.u8(18)
    form = "Initial VFs: %d, Total VFs: %d, Number of VFs: %d, Function Dependency Link: %02x"
    yield form % counts
    yield "VF offset: %d, stride: %d, Device ID: %04x" % (cap.u16(20), cap.u16(22), cap.u16(26))


_PLAIN = {
    pci_caps.PM: _pm,
    0x04: _slot_id,
    pci_caps.MSI: _msi,
    pci_caps.VENDOR: _vendor,
    0x0C: _hotplug,
    pci_caps.BRIDGE_SSVID: _ssvid,
    pci_caps.PCIE: lspci_express.lines,
    pci_caps.MSIX: _msix,
    0x12: _sata,
}
