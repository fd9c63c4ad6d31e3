"""The PCI Express capability as lines of lspci -vv (PCIe 5.0 §7.5.3)."""

from lspci_flags import flags

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
_SWITCH = (4, 5, 6)
# §7.5.3.15, §7.5.3.16: completion timeouts
_RANGES = {
    0: "Not Supported",
    1: "Range A",
    2: "Range B",
    3: "Range AB",
    6: "Range BC",
    7: "Range ABC",
    14: "Range BCD",
    15: "Range ABCD",
}
_TIMEOUTS = {
    0: "50us to 50ms",
    1: "50us to 100us",
    2: "1ms to 10ms",
    5: "16ms to 55ms",
    6: "65ms to 210ms",
    9: "260ms to 900ms",
    10: "1s to 3.5s",
    13: "4s to 13s",
    14: "17s to 64s",
}
_OBFF = ("Not Supported", "Via message", "Via WAKE#", "Via message/WAKE#")
_OBFF_ON = ("Disabled", "Via message A", "Via message B", "Via WAKE#")
_REDUCTION = ("Not Supported", "Device Specific", "Form Factor Device Specific", "Reserved")
_LN = ("Not Supported", "64byte cachelines", "128byte cachelines", "Reserved")
_EMPHASIS = ("-6dB", "-3.5dB")
_MARGIN = (
    "Normal Operating Range",
    "800-1200mV(full-swing)/400-700mV(half-swing)",
    "2",
    "3",
    "4",
    "200-400mV(full-swing)/100-200mV(half-swing)",
)
_PRESETS = (  # §4.2.3.2, §8.3.3.3: de-emphasis and preshoot in dB
    ("-6", "0"),
    ("-3.5", "0"),
    ("-4.4", "0"),
    ("-2.5", "0"),
    ("0", "0"),
    ("0", "1.9"),
    ("0", "2.5"),
    ("-6.0", "3.5"),
    ("-3.5", "3.5"),
    ("0", "3.5"),
)
_CROSSLINK = ("unsupported", "Upstream Port", "Downstream Port", "incomplete")


def lines(f, cap, subsystem):
    """Lines of the capability, without indentation; f, subsystem: as those of the others."""
    head = cap.u16(2)
    kind = head >> 4 & 15
    slot = kind in (4, 6) and head >> 8 & 1
    name = _PORTS.get(kind, "Unknown type %d" % kind)
    if kind in (4, 6):
        name += " (%s)" % flags("Slot@8", head)
    yield "Express (v%d) %s, MSI %02x" % (head & 15, name, head >> 9 & 31)
    yield from _device(cap, kind)
    if kind not in (9, 10):
        yield from _link(cap, kind)
    if slot:
        yield from _slot(cap)
    if kind in (4, 10):
        yield "RootCap: " + flags("CRSVisible@0", cap.u16(30))
        words = "ErrCorrectable@0 ErrNon-Fatal@1 ErrFatal@2 PMEIntEna@3 CRSVisible@4"
        yield "RootCtl: " + flags(words, cap.u16(28))
        status = cap.u32(32)
        pme = flags("PMEStatus@16 PMEPending@17", status)
        yield "RootSta: PME ReqID %04x, %s" % (status & 0xFFFF, pme)
    if head & 15 < 2:
        return  # version 1 ends here (§7.5.3)
    yield from _device2(cap, kind)
    if kind not in (9, 10):
        yield from _link2(f, cap, kind)


def _device(cap, kind):
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


def _link(cap, kind):
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


def _slot(cap):
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


def _device2(cap, kind):
    can, control = cap.u32(36), cap.u16(40)
    words = flags("TimeoutDis@4 NROPrPrP@10 LTR@11", can)
    yield "DevCap2: Completion Timeout: %s, %s" % (_RANGES.get(can & 15, "Unknown"), words)
    text = "\t 10BitTagComp%s 10BitTagReq%s" % ("-+"[can >> 16 & 1], "-+"[can >> 17 & 1])
    text += " OBFF %s, %s" % (_OBFF[can >> 18 & 3], flags("ExtFmt@20 EETLPPrefix@21", can))
    if can >> 21 & 1:
        text += ", MaxEETLPPrefixes %d" % (can >> 22 & 3 or 4)
    yield text
    words = flags("EmergencyPowerReductionInit@26", can)
    yield "\t EmergencyPowerReduction %s, %s" % (_REDUCTION[can >> 24 & 3], words)
    text = "\t " + flags("FRS@31", can)
    if kind == 4:
        text += " LN System CLS %s," % _LN[can >> 14 & 3]
    if kind in (0, 4):
        text += " TPHComp%s ExtTPHComp%s" % ("-+"[can >> 12 & 1], "-+"[can >> 13 & 1])
    yield text + (" " + flags("ARIFwd@5", can) if kind in (4, 6) else "")
    words = "Routing@6" if kind in _SWITCH else ""
    words += " 32bit@7 64bit@8 128bitCAS@9" if kind in (0, 1, 4, 7, 9) else ""
    if words:
        yield "\t AtomicOpsCap: " + flags(words, can)
    yield "DevCtl2: Completion Timeout: %s, %s OBFF %s,%s" % (
        _TIMEOUTS.get(control & 15, "Unknown"),
        flags("TimeoutDis@4 LTR@10 10BitTagReq@12", control),
        _OBFF_ON[control >> 13 & 3],
        " " + flags("ARIFwd@5", control) if kind in (4, 6) else "",
    )
    words = "ReqEn@6" if kind in (0, 1, 4, 9) else ""
    words += " EgressBlck@7" if kind in _SWITCH else ""
    if words:
        yield "\t AtomicOpsCtl: " + flags(words, control)


def _link2(f, cap, kind):
    """§7.5.3.18 to §7.5.3.20.  lspci leaves the first two out of endpoints but 00.0."""
    can, control, status = cap.u32(44), cap.u16(48), cap.u16(50)
    if kind not in (0, 1) or not (f.dev or f.fn):
        if can:
            words = flags("Crosslink@8 Retimer@23 2Retimers@24 DRS@31", can)
            yield "LnkCap2: Supported Link Speeds: %s, %s" % (_speeds(can >> 1 & 0x7F), words)
        text = "LnkCtl2: Target Link Speed: %s, " % _speed(control & 15)
        text += flags("EnterCompliance@4 SpeedDis@5", control)
        if kind == 6:
            text += ", Selectable De-emphasis: " + _EMPHASIS[control >> 6 & 1]
        yield text
        margin = control >> 7 & 7
        yield "\t Transmit Margin: %s, %s" % (
            _MARGIN[margin] if margin < len(_MARGIN) else "Unknown",
            flags("EnterModifiedCompliance@10 ComplianceSOS@11", control),
        )
        preset = control >> 12
        text = "%sdB de-emphasis, %sdB preshoot" % _PRESETS[preset] if preset < 10 else "Unknown"
        yield "\t Compliance Preset/De-emphasis: " + text
    yield "LnkSta2: Current De-emphasis Level: %s, %s" % (
        _EMPHASIS[status & 1],
        flags("EqualizationComplete@1 EqualizationPhase1@2", status),
    )
    words = "EqualizationPhase2@3 EqualizationPhase3@4 LinkEqualizationRequest@5"
    yield "\t " + flags(words, status)
    words = flags("Retimer@6 2Retimers@7", status)
    yield "\t %s CrosslinkRes: %s" % (words, _CROSSLINK[status >> 8 & 3])


def _speeds(bits):
    """The Supported Link Speeds Vector, bit 0 for 2.5 GT/s."""
    if not bits & 1:
        return "Unknown"
    most = _speed(len(bin(bits)) - 2)
    return most if bits == 1 else "2.5-" + most
