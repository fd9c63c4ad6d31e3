"""Comparison of pci.lspci() with what Linux's lspci said of the same machine.

Both texts become, per function, lists of lines with what may differ taken out: state that a driver
or firmware sets, addresses where Linux moved them, what Linux numbers, what only one of them has.
"""

import ast
import difflib
import re
import sys

from pyrallax import ROOT

FOLDER = ROOT / "tests/data/pci"
sys.path.insert(0, str(FOLDER))

import topologies  # noqa: E402

MACHINES = topologies.MACHINES


# Lines that pci.lspci() does not have, with those that continue them.
_NOT_OURS = re.compile(
    r"\s*(Kernel driver|Kernel modules|Physical Slot|Latency|Interrupt: pin \?)"
)
# Lines whose bits drivers set: the names count, not the values.
_STATE = re.compile(
    r"\s*(Control|DevCtl2?|SltCtl|SltSta|RootCtl|BridgeCtl|Changed|RootCmd|ACSCtl):"
)
_STATE_NEXT = re.compile(r"\s*(RlxdOrd|MaxPayload|ExtSynch|Control:|Changed)")


def golden(name):
    """({bdf: lines}, {bdf: 256 bytes}, [(bdf, BAR, address)] as firmware left them)."""
    text = (FOLDER / f"{name}.txt").read_text()
    sections = dict(re.findall(r"^@@section ([^\n]*)\n(.*?)(?=^@@section|\Z)", text, re.M | re.S))
    functions, dumps = split(sections["lspci -nnvvxxx"])
    message = re.compile(r"pci 0000:(\S+): BAR (\d) \[(?:mem|io)\s+0x(\w+)-\w+[^\]]*\]$", re.M)
    found = message.findall(sections["pci messages"])
    return functions, dumps, [(bdf, int(n), int(at, 16)) for bdf, n, at in found]


def split(text):
    """({bdf: lines}, {bdf: bytes}) of lspci's output."""
    functions, dumps = {}, {}
    for block in text.replace("\r", "").strip().split("\n\n"):
        lines = block.splitlines()
        bdf = lines[0].split()[0]
        dump = [line for line in lines if re.match(r"[0-9a-f]{2,3}: ", line)]
        functions[bdf] = [line for line in lines if line not in dump]
        dumps[bdf] = bytes.fromhex("".join(line.split(": ")[1] for line in dump))
    return functions, dumps


def comparable(lines):
    """Lines of one function with what may differ taken out."""
    found = []
    for line in lines:
        if _NOT_OURS.match(line) and not line.startswith("\tCapabilities"):
            continue
        if _STATE.match(line) or _STATE_NEXT.match(line):
            line = re.sub(r"(?<=\w)[+-](?=[ ;]|$)", "±", line)
            line = re.sub(r"Ind (On|Off|Blink|Unknown)", "Ind", line)
        line = re.sub(r"Target Link Speed: [^,]+", "Target Link Speed", line)  # Linux limits links
        line = re.sub(r"routed to (IRQ \d+|nothing)", "routed", line)
        line = re.sub(r" \[(disabled|virtual)\]", "", line)
        line = re.sub(r"\[size=(\w+), assumed\]", r"[size=\1]", line)
        line = re.sub(r"Enable[+-]", "Enable", line)
        line = re.sub(r"(Address: )\w+(  Data: )\w+", r"\1\2", line)
        line = re.sub(r"Masking: \w+", "Masking:", line)
        line = re.sub(r"(I/O ports at|Memory at|Expansion ROM at) \S+", r"\1", line)
        line = re.sub(r"behind bridge: .*", "behind bridge", line)
        line = re.sub(r"INTx[+-]", "INTx", line)
        found.append(line.rstrip())
    return found


def steady(raw):
    """Configuration bytes with what firmware, Linux and drivers write taken out."""
    data = bytearray(raw)

    def clear(at, count):
        data[at : at + count] = bytes(count)

    clear(0x04, 4)  # command and status
    clear(0x0C, 2)  # cache line, latency timer
    clear(0x3C, 1)  # interrupt line
    if data[0x0E] & 0x7F == 0:
        clear(0x10, 24)
        clear(0x30, 4)
    else:
        clear(0x10, 8)
        clear(0x1C, 0x18)  # windows, secondary status
        clear(0x38, 4)
        clear(0x3E, 2)
    if data[0x09:0x0C] == b"\x00\x03\x0c":
        clear(0xC0, 2)  # UHCI's LEGSUP, which Linux writes when it takes a controller
    if data[0x09:0x0C] == b"\x20\x03\x0c":
        clear(0x6C, 4)  # EHCI's USBLEGCTLSTS, likewise
    at, seen = data[0x34], set()
    while at and at not in seen:
        seen.add(at)
        kind = data[at]
        if kind == 0x05:
            wide = data[at + 2] >> 7
            maskable = data[at + 3] & 1
            clear(at + 2, 1)
            clear(at + 4, 10 if wide else 6)  # address, data
            if maskable:
                clear(at + (16 if wide else 12), 4)
        elif kind == 0x0C:
            clear(at + 2, 6)  # a window on the hot-plug controller's registers
        elif kind == 0x11:
            clear(at + 3, 1)
        elif kind == 0x10:
            for control in (8, 16, 24, 26, 28, 40, 48, 50):
                clear(at + control, 2)
        at = data[at + 1]
    return bytes(data)


def compare(repl, name):
    """Hold pci.lspci() against the golden text, buses included; golden()'s addresses."""
    want, want_raw, addresses = golden(name)
    repl.exec("import pci\n_ = pci.scan()")
    assert ast.literal_eval(repl.exec("print(pci.problems())")) == []
    got, got_raw = split(repl.exec("pci.lspci('nnvvxxx')", timeout=120))
    assert list(got) == list(want)
    for bdf in want:
        apart = list(difflib.unified_diff(comparable(got[bdf]), comparable(want[bdf]), n=0))
        assert not apart, "\n".join([bdf, *apart])
        ours, theirs = (steady(raw[bdf]).hex(" ", 4) for raw in (got_raw, want_raw))
        assert ours == theirs, bdf
    got = repl.exec("print([(f.bdf, f.secondary, f.subordinate) for f in pci.scan() if f.bridge])")
    for bdf, secondary, subordinate in ast.literal_eval(got):
        line = next(line for line in want[bdf] if "secondary=" in line)
        assert f"secondary={secondary:02x}, subordinate={subordinate:02x}," in line
    return addresses
