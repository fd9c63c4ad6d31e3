"""SMBIOS structures by field name (DMTF DSP0134 3.6), from UEFI's pointer or QEMU's fw_cfg.

structures(), find(1), dump().  Not done: structure types without a map, which are shown as bytes.
"""

import struct

from micropython import const

_TABLE = const(0x40000)  # bytes of all structures
_STRUCTURES = const(4096)
_END = const(127)  # §7.45

# §7.1 on: a line "#TYPE name", then bytes and name of the fields from offset 4; s is the number of
# a string, uuid 16 bytes.  A structure may end before its last field.
_MAPS = """
#0 BIOS Information
s Vendor
s BIOS Version
2 BIOS Starting Address Segment
s BIOS Release Date
1 BIOS ROM Size
8 BIOS Characteristics
2 BIOS Characteristics Extension
1 System BIOS Major Release
1 System BIOS Minor Release
1 Embedded Controller Firmware Major Release
1 Embedded Controller Firmware Minor Release
2 Extended BIOS ROM Size
#1 System Information
s Manufacturer
s Product Name
s Version
s Serial Number
uuid UUID
1 Wake-up Type
s SKU Number
s Family
#2 Baseboard Information
s Manufacturer
s Product
s Version
s Serial Number
s Asset Tag
1 Feature Flags
s Location in Chassis
2 Chassis Handle
1 Board Type
1 Number of Contained Object Handles
#3 System Enclosure
s Manufacturer
1 Type
s Version
s Serial Number
s Asset Tag Number
1 Boot-up State
1 Power Supply State
1 Thermal State
1 Security Status
4 OEM-defined
1 Height
1 Number of Power Cords
1 Contained Element Count
1 Contained Element Record Length
#4 Processor Information
s Socket Designation
1 Processor Type
1 Processor Family
s Processor Manufacturer
8 Processor ID
s Processor Version
1 Voltage
2 External Clock
2 Max Speed
2 Current Speed
1 Status
1 Processor Upgrade
2 L1 Cache Handle
2 L2 Cache Handle
2 L3 Cache Handle
s Serial Number
s Asset Tag
s Part Number
1 Core Count
1 Core Enabled
1 Thread Count
2 Processor Characteristics
2 Processor Family 2
2 Core Count 2
2 Core Enabled 2
2 Thread Count 2
#7 Cache Information
s Socket Designation
2 Cache Configuration
2 Maximum Cache Size
2 Installed Size
2 Supported SRAM Type
2 Current SRAM Type
1 Cache Speed
1 Error Correction Type
1 System Cache Type
1 Associativity
4 Maximum Cache Size 2
4 Installed Cache Size 2
#9 System Slots
s Slot Designation
1 Slot Type
1 Slot Data Bus Width
1 Current Usage
1 Slot Length
2 Slot ID
1 Slot Characteristics 1
1 Slot Characteristics 2
2 Segment Group Number
1 Bus Number
1 Device/Function Number
#16 Physical Memory Array
1 Location
1 Use
1 Memory Error Correction
4 Maximum Capacity
2 Memory Error Information Handle
2 Number of Memory Devices
8 Extended Maximum Capacity
#17 Memory Device
2 Physical Memory Array Handle
2 Memory Error Information Handle
2 Total Width
2 Data Width
2 Size
1 Form Factor
1 Device Set
s Device Locator
s Bank Locator
1 Memory Type
2 Type Detail
2 Speed
s Manufacturer
s Serial Number
s Asset Tag
s Part Number
1 Attributes
4 Extended Size
2 Configured Memory Speed
2 Minimum Voltage
2 Maximum Voltage
2 Configured Voltage
#19 Memory Array Mapped Address
4 Starting Address
4 Ending Address
2 Memory Array Handle
1 Partition Width
8 Extended Starting Address
8 Extended Ending Address
#32 System Boot Information
6 Reserved
1 Boot Status
#127 End-of-Table
"""


class SmbiosError(ValueError):
    """No SMBIOS entry point, or structures that are none."""


def _map(kind):
    """(name, [(size, field), …]) of a structure type."""
    start = _MAPS.find("\n#%d " % kind)
    if start < 0:
        return "Type %d" % kind, []
    stop = _MAPS.find("\n#", start + 1)
    lines = _MAPS[start + 1 : stop if stop >= 0 else len(_MAPS)].strip().split("\n")
    return lines[0].split(" ", 1)[1], [line.split(" ", 1) for line in lines[1:]]


def _uuid(raw):
    """Text of a UUID, of which the first three parts are little endian (§7.2.1)."""
    parts = struct.unpack("<IHH", raw[:8])
    tail = "".join("%02x" % c for c in raw[8:])
    return "%08x-%04x-%04x-%s-%s" % (parts + (tail[:4], tail[4:]))


class Structure:
    """.type .handle .name, .strings of its string set, .fields: [(name, offset, value), …].

    raw: the formatted part, bytes.  Values are int or str; 'Data' is bytes that no map names.
    """

    def __init__(self, raw, strings):
        self.type = raw[0]
        self.handle = raw[2] | raw[3] << 8
        self.raw = raw
        self.strings = strings
        self.name, lines = _map(self.type)
        self.fields = []
        at = 4
        for kind, label in lines:
            size = 1 if kind == "s" else 16 if kind == "uuid" else int(kind)
            if at + size > len(raw):
                break
            part = raw[at : at + size]
            if kind == "s":
                value = self._string(part[0])
            else:
                value = _uuid(part) if kind == "uuid" else int.from_bytes(part, "little")
            self.fields.append((label, at, value))
            at += size
        if at < len(raw):
            self.fields.append(("Data", at, raw[at:]))

    def __repr__(self):
        return "<SMBIOS %d %s>" % (self.type, self.name)

    def _string(self, number):
        """§6.1.3: counted from 1; 0 is none."""
        return self.strings[number - 1] if 0 < number <= len(self.strings) else ""

    def __getitem__(self, name):
        """Value of a field by name.  Raises KeyError."""
        for label, _, value in self.fields:
            if label == name:
                return value
        raise KeyError(name)

    def dump(self):
        """Print the structure."""
        print("Handle 0x%04X, type %d, %s" % (self.handle, self.type, self.name))
        used = []
        for label, at, value in self.fields:
            if isinstance(value, bytes):
                value = " ".join("%02X" % c for c in value)
            elif isinstance(value, int):
                value = "0x%X" % value
            else:
                used.append(value)
            print("  [%02X] %s: %s" % (at, label, value))
        for text in self.strings:
            if text not in used:
                print("  string: %s" % text)


def _entry(data):
    """Entry point -> (address of the structures, their most bytes), §5.2.  Raises SmbiosError."""
    if data[:5] == b"_SM3_":
        length, low, form = data[6], 24, "<IQ"
    elif data[:4] == b"_SM_":
        length, low, form = data[5], 31, ""
    else:
        raise SmbiosError("no entry point")
    if not low <= length <= len(data) or sum(data[:length]) & 0xFF:
        raise SmbiosError("entry point of %d bytes with a wrong checksum" % length)
    if form:
        size, address = struct.unpack_from(form, data, 12)
    else:
        size, address = struct.unpack_from("<HI", data, 22)
    return address, min(size, _TABLE)


def decode(data):
    """Structures in these bytes (§6.1): list of Structure.  Raises SmbiosError."""
    found = []
    at = 0
    while at + 4 <= len(data):
        if len(found) == _STRUCTURES:
            raise SmbiosError("too many structures")
        length = data[at + 1]
        end = at + length
        stop = data.find(b"\0\0", end)
        if length < 4 or stop < 0:
            raise SmbiosError("structure at 0x%x without an end" % at)
        strings = [_text(s) for s in bytes(data[end:stop]).split(b"\0")] if stop > end else []
        found.append(Structure(bytes(data[at:end]), strings))
        if data[at] == _END:
            break
        at = stop + 2
    return found


def _text(raw):
    return "".join(chr(c) if 32 <= c < 127 else "?" for c in raw)


def raw():
    """Bytes of the machine's structures; empty without SMBIOS."""
    import boot

    import fwcfg
    import physmem

    address = boot.hw()["smbios"]
    if address:
        read = physmem.ram().read
        table, size = _entry(read(address, 32))
        return read(table, size)
    device = fwcfg.from_tree()
    if device is None or "etc/smbios/smbios-tables" not in device.files():
        return b""
    return device.read("etc/smbios/smbios-tables")


def structures():
    """The machine's structures, read anew; [] without SMBIOS.  Raises ValueError where bad."""
    return decode(raw())


def find(kind):
    """Structures of one type: find(1)[0]['Product Name']."""
    return [s for s in structures() if s.type == kind]


def dump(kind=None):
    """Print all structures, or those of one type."""
    for each in structures():
        if kind is None or each.type == kind:
            each.dump()
