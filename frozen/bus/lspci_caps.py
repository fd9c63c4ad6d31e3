"""Capabilities as lines of lspci -vv (PCI 3.0 §6.7, PCIe 5.0 §7).  Not done: DevCap2 and on."""

import pci_caps

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
_PORTS = {
    0: "Endpoint",
    1: "Legacy Endpoint",
    4: "Root Port",
    5: "Upstream Port",
    6: "Downstream Port",
    7: "PCI-Express to PCI/PCI-X Bridge",
    8: "PCI/PCI-X to PCI-Express Bridge",
    9: "Root Complex Integrated Endpoint",
    10: "Root Complex Event Collector",
}
_L0S = ("<64ns", "<128ns", "<256ns", "<512ns", "<1us", "<2us", "<4us", "unlimited")
_L1 = ("<1us", "<2us", "<4us", "<8us", "<16us", "<32us", "<64us", "unlimited")
_SPEED = ("unknown", "2.5GT/s", "5GT/s", "8GT/s", "16GT/s", "32GT/s", "64GT/s")
_ASPM = ("not supported", "L0s", "L1", "L0s L1")
_ASPM_ON = ("Disabled", "L0s Enabled", "L1 Enabled", "L0s L1 Enabled")
_LIGHT = ("Unknown", "On", "Blink", "Off")
_UE = (
    "DLP@4 SDES@5 TLP@12 FCP@13 CmpltTO@14 CmpltAbrt@15 UnxCmplt@16 RxOF@17 MalfTLP@18 ECRC@19 "
    "UnsupReq@20 ACSViol@21"
)
_CE = "RxErr@0 BadTLP@6 BadDLLP@7 Rollover@8 Timeout@12 AdvNonFatalErr@13"
_ACS = "SrcValid@0 TransBlk@1 ReqRedir@2 CmpltRedir@3 UpstreamFwd@4 EgressCtrl@5 DirectTrans@6"


def flags(words, value):
    """ "SERR@8 FastB2B@9" with + or - for each bit."""
    found = []
    for word in words.split():
        name, bit = word.split("@")
        found.append(name + ("+" if value >> int(bit) & 1 else "-"))
    return " ".join(found)


def lines(f, cap, verbose, subsystem):
    """Lines of one capability; the details from verbose 2.  subsystem: names one by its ids."""
    if cap.extended:
        head = "\tCapabilities: [%x v%d] " % (cap.offset, cap.version)
        body = _extended(f, cap)
    else:
        head = "\tCapabilities: [%02x] " % cap.offset
        body = _PLAIN.get(cap.id, _unknown)(f, cap, subsystem)
    first = True
    for line in body:
        if first:
            yield head + line
        elif verbose > 1:
            yield "\t\t" + line
        first = False


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


def _pcie(f, cap, subsystem):
    head = cap.u16(2)
    kind = head >> 4 & 15
    slot = kind in (4, 6) and head >> 8 & 1
    name = _PORTS.get(kind, "Unknown type %d" % kind)
    if kind in (4, 6):
        name += " (%s)" % flags("Slot@8", head)
    yield "Express (v%d) %s, MSI %02x" % (head & 15, name, head >> 9 & 31)
    yield from _pcie_device(cap, kind)
    if kind not in (9, 10):
        yield from _pcie_link(cap, kind)
    if slot:
        yield from _pcie_slot(cap)
    if kind in (4, 10):
        yield "RootCap: " + flags("CRSVisible@0", cap.u16(30))
        words = "ErrCorrectable@0 ErrNon-Fatal@1 ErrFatal@2 PMEIntEna@3 CRSVisible@4"
        yield "RootCtl: " + flags(words, cap.u16(28))
        status = cap.u32(32)
        pme = flags("PMEStatus@16 PMEPending@17", status)
        yield "RootSta: PME ReqID %04x, %s" % (status & 0xFFFF, pme)


def _pcie_device(cap, kind):
    can, control, status = cap.u32(4), cap.u16(8), cap.u16(10)
    text = "DevCap:\tMaxPayload %d bytes, PhantFunc %d" % (128 << (can & 7), can >> 3 & 3)
    if kind < 2:
        text += ", Latency L0s %s, L1 %s" % (_L0S[can >> 6 & 7], _L1[can >> 9 & 7])
    yield text
    words = "ExtTag@5"
    words += " AttnBtn@12 AttnInd@13 PwrInd@14" if kind in (0, 1, 5, 7, 8) else ""
    words += " RBE@15" + (" FLReset@28" if kind in (0, 1, 9) else "")
    text = "\t" + flags(words, can)
    if kind in (0, 5, 7, 8):
        text += " SlotPowerLimit %gW" % ((can >> 18 & 0xFF) / 10 ** (can >> 26 & 3))
    yield text
    yield "DevCtl:\t" + flags("CorrErr@0 NonFatalErr@1 FatalErr@2 UnsupReq@3", control)
    words = "RlxdOrd@4 ExtTag@8 PhantFunc@9 AuxPwr@10 NoSnoop@11"
    words += " BrConfRtry@15" if kind == 7 else ""
    words += " FLReset@15" if kind in (0, 1, 9) and can >> 28 & 1 else ""
    yield "\t" + flags(words, control)
    sizes = 128 << (control >> 5 & 7), 128 << (control >> 12 & 7)
    yield "\tMaxPayload %d bytes, MaxReadReq %d bytes" % sizes
    words = "CorrErr@0 NonFatalErr@1 FatalErr@2 UnsupReq@3 AuxPwr@4 TransPend@5"
    yield "DevSta:\t" + flags(words, status)


def _speed(number):
    return _SPEED[number] if number < len(_SPEED) else "unknown"


def _compare(kind, now, most):
    if now > most:
        return " (overdriven)"
    return " (downgraded)" if now < most and kind not in (4, 6) else ""


def _pcie_link(cap, kind):
    can, control, status = cap.u32(12), cap.u16(16), cap.u16(18)
    aspm = can >> 10 & 3
    text = "LnkCap:\tPort #%d, Speed %s, Width x%d, ASPM %s" % (
        can >> 24,
        _speed(can & 15),
        can >> 4 & 63,
        _ASPM[aspm],
    )
    if aspm:
        text += ", Exit Latency "
        text += "L0s " + _L0S[can >> 12 & 7] if aspm & 1 else ""
        text += ", " if aspm == 3 else ""
        text += "L1 " + _L1[can >> 15 & 7] if aspm & 2 else ""
    yield text
    yield "\t" + flags("ClockPM@18 Surprise@19 LLActRep@20 BwNot@21 ASPMOptComp@22", can)
    text = "LnkCtl:\tASPM %s;" % _ASPM_ON[control & 3]
    if kind in (0, 1, 4, 7):
        text += " RCB %d bytes," % (128 if control & 8 else 64)
    yield text + " " + flags("Disabled@4 CommClk@6", control)
    yield "\t" + flags("ExtSynch@7 ClockPM@8 AutWidDis@9 BWInt@10 AutBWInt@11", control)
    speed, width = status & 15, status >> 4 & 63
    yield "LnkSta:\tSpeed %s%s, Width x%d%s" % (
        _speed(speed),
        _compare(kind, speed, can & 15),
        width,
        _compare(kind, width, can >> 4 & 63),
    )
    yield "\t" + flags("TrErr@10 Train@11 SlotClk@12 DLActive@13 BWMgmt@14 ABWMgmt@15", status)


def _pcie_slot(cap):
    can, control, status = cap.u32(20), cap.u16(24), cap.u16(26)
    words = "AttnBtn@0 PwrCtrl@1 MRL@2 AttnInd@3 PwrInd@4 HotPlug@6 Surprise@5"
    yield "SltCap:\t" + flags(words, can)
    watts = (can >> 7 & 0xFF) / 10 ** (can >> 15 & 3)
    locks = flags("Interlock@17 NoCompl@18", can)
    yield "\tSlot #%d, PowerLimit %gW; %s" % (can >> 19, watts, locks)
    words = "AttnBtn@0 PwrFlt@1 MRL@2 PresDet@3 CmdCplt@4 HPIrq@5 LinkChg@12"
    yield "SltCtl:\tEnable: " + flags(words, control)
    yield "\tControl: AttnInd %s, PwrInd %s, %s" % (
        _LIGHT[control >> 6 & 3],
        _LIGHT[control >> 8 & 3],
        flags("Power@10 Interlock@11", control),
    )
    words = "AttnBtn@0 PowerFlt@1 MRL@5 CmdCplt@4 PresDet@6 Interlock@7"
    yield "SltSta:\tStatus: " + flags(words, status)
    yield "\tChanged: " + flags("MRL@2 PresDet@3 LinkState@8", status)


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
    pci_caps.PCIE: _pcie,
    pci_caps.MSIX: _msix,
    0x12: _sata,
}
