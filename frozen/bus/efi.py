"""What UEFI left: configuration tables, memory map, runtime services (UEFI 2.10 §4, §7, §8).

Nothing the firmware says is believed before its signature, sizes and CRC fit.  A service runs in
an address space that has the firmware's own runtime regions and a buffer, nothing else of RAM or
devices; a fault in it is BusError, no return within 5 s OSError(ETIMEDOUT).  Not done:
SetVariable, capsules, SetVirtualAddressMap.
"""

import errno
import struct
from binascii import crc32

from _efi import (  # noqa: F401  for experiments
    BOTH,
    CODE,
    DATA,
    DEVICE,
    RO,
    UNCACHED,
    buffer,
    call,
    is_code,
    raw_map,
    space,
    system_table,
)
from _pm import read
from micropython import const

_ST_SIGNATURE = const(0x5453595320494249)  # §4.3 "IBI SYST"
_RT_SIGNATURE = const(0x56524553544E5552)  # §4.5 "RUNTSERV"
_HEADER = const("<QIIII")  # §4.2: signature, revision, size, CRC, reserved
_ST_SIZE = const(120)
_ST_VENDOR = const(24)
_ST_FIRMWARE = const(32)
_ST_RUNTIME = const(88)
_ST_COUNT = const(104)
_RT_SIZE = const(136)
_RT_GET_TIME = const(24)
_RT_GET_VARIABLE = const(72)
_RT_NEXT_NAME = const(80)
_RT_RESET = const(104)
_TABLE_MAX = const(4096)  # bytes; the tables of UEFI 2.10 have 136
_CONFIGURATIONS_MAX = const(1024)
_VARIABLES_MAX = const(8192)
_VENDOR_MAX = const(128)
_TIMEOUT_US = const(5_000_000)  # variables in flash take milliseconds

_ERROR = const(1 << 63)  # Appendix D
_NOT_FOUND = const(14)
_STATUS = (
    "ok,LOAD_ERROR,INVALID_PARAMETER,UNSUPPORTED,BAD_BUFFER_SIZE,BUFFER_TOO_SMALL,NOT_READY,"
    "DEVICE_ERROR,WRITE_PROTECTED,OUT_OF_RESOURCES,VOLUME_CORRUPTED,VOLUME_FULL,NO_MEDIA,"
    "MEDIA_CHANGED,NOT_FOUND,ACCESS_DENIED,NO_RESPONSE,NO_MAPPING,TIMEOUT,NOT_STARTED,"
    "ALREADY_STARTED,ABORTED,ICMP_ERROR,TFTP_ERROR,PROTOCOL_ERROR,INCOMPATIBLE_VERSION,"
    "SECURITY_VIOLATION"
)
# §7.2.3
_TYPES = (
    "reserved,loader code,loader data,boot code,boot data,runtime code,runtime data,free,unusable,"
    "ACPI reclaim,ACPI NVS,MMIO,I/O ports,PAL code,persistent,unaccepted"
)
_ATTRIBUTES = (
    "0UC 1WC 2WT 3WB 4UCE 12WP 13RP 14XP 15NV 16MORE_RELIABLE 17RO 18SP 19CRYPTO 63RUNTIME"
)
_RUNTIME = const(1 << 63)
_RO = const(1 << 17)
_XP = const(1 << 14)
_WC = const(1 << 1)
_WB = const(1 << 3)
_GUIDS = """8868e871-e4f1-11d3-bc22-0080c73c8881 ACPI 2.0
eb9d2d30-2d88-11d3-9a16-0090273fc14d ACPI 1.0
f2fd1544-9794-4a2c-992e-e5bbcf20e394 SMBIOS 3
eb9d2d31-2d88-11d3-9a16-0090273fc14d SMBIOS
b1b621d5-f19c-41a5-830b-d9152c69aae0 device tree
dcfa911d-26eb-469f-a220-38b7dc461220 memory attributes
eb66918a-7eef-402a-842e-931d21c38ae9 runtime properties
b122a263-3661-4f68-9929-78f8b0d62180 ESRT
d719b2cb-3d3a-4596-a3bc-dad00e67656f image security database
ee4e5898-3914-4259-9d6e-dc7bd79403cf LZMA decompress
fc1bcdb0-7d31-49aa-936a-a4600d9dd083 CRC32 section
05ad34ba-6f02-4214-952e-4da0398e2bb9 DXE services
7739f24c-93d7-11d4-9a3a-0090273fc14d HOB list
4c19049f-4137-4dd3-9c10-8b97a83ffdfa memory type information
49152e77-1ada-4764-b7a2-7afefed95e8b debug image info
060cc026-4c0d-4dda-8f41-595fef00a502 memory status code record
a31280ad-481e-41b6-95e8-127f4c984779 TCG2 final events
"""


def _guid(b):
    a, m, n = struct.unpack("<IHH", b)
    t = "".join("%02x" % v for v in b[8:16])
    return "%08x-%04x-%04x-%s-%s" % (a, m, n, t[:4], t[4:])


def _guid_bytes(text):
    p = text.split("-")
    if [len(v) for v in p] != [8, 4, 4, 4, 12]:
        raise ValueError("GUID: 8-4-4-4-12 hexadecimal digits")
    head = struct.pack("<IHH", int(p[0], 16), int(p[1], 16), int(p[2], 16))
    return head + bytes(int((p[3] + p[4])[i : i + 2], 16) for i in range(0, 16, 2))


def _u64(b, at):
    return struct.unpack_from("<Q", b, at)[0]


def _bad(what):
    return OSError(errno.EIO, what)


def _status(status, what):
    number = status & ~_ERROR
    names = _STATUS.split(",")
    if status & _ERROR:
        raise OSError(
            errno.ENOENT if number == _NOT_FOUND else errno.EIO,
            "%s: EFI_%s" % (what, names[number] if number < len(names) else hex(status)),
        )


def _table(address, signature, least, what):
    """A checked copy of a table: header, size and CRC fit (§4.2)."""
    if not address:
        raise OSError(errno.ENODEV, "%s: none" % what)
    try:
        head = read(address, 24)
        found, revision, size, crc, _ = struct.unpack(_HEADER, head)
        if found != signature:
            raise _bad("%s at 0x%x: wrong signature" % (what, address))
        if not least <= size <= _TABLE_MAX:
            raise _bad("%s at 0x%x: size %d" % (what, address, size))
        data = read(address, size)
    except BusError:
        raise _bad("%s at 0x%x: nothing is there" % (what, address))
    if crc32(data[:16] + bytes(4) + data[20:]) != crc:
        raise _bad("%s at 0x%x: wrong CRC" % (what, address))
    return data


def _system():
    if not system_table():
        raise OSError(errno.ENODEV, "not started by UEFI")
    return _table(system_table(), _ST_SIGNATURE, _ST_SIZE, "system table")


def info():
    """(vendor, firmware revision, UEFI version "2.70"), str, int, str.  Raises OSError."""
    st = _system()
    vendor = ""
    at = _u64(st, _ST_VENDOR)
    try:
        raw = read(at, 2 * _VENDOR_MAX)
    except BusError:
        raw = b""
    for i in range(0, len(raw), 2):
        c = raw[i] | raw[i + 1] << 8
        if not c:
            break
        vendor += chr(c)
    revision = struct.unpack_from("<I", st, _ST_FIRMWARE)[0]
    version = struct.unpack_from("<I", st, 8)[0]
    return vendor, revision, "%d.%02d" % (version >> 16, version & 0xFFFF)


def tables():
    """Configuration tables (§4.6): [(GUID, name or "", address), ...].  Raises OSError."""
    st = _system()
    count, at = struct.unpack_from("<QQ", st, _ST_COUNT)
    if count > _CONFIGURATIONS_MAX:
        raise _bad("system table: %d configuration tables" % count)
    try:
        raw = read(at, 24 * count)
    except BusError:
        raise _bad("configuration tables at 0x%x: nothing is there" % at)
    found = []
    for i in range(0, len(raw), 24):
        guid = _guid(raw[i : i + 16])
        n = _GUIDS.find(guid)
        name = "" if n < 0 else _GUIDS[n + 37 : _GUIDS.find("\n", n)]
        found.append((guid, name, _u64(raw, i + 16)))
    return found


def _descriptors(raw, size):
    for at in range(0, len(raw), size):
        kind, _, base, _, pages, attribute = struct.unpack_from("<IIQQQQ", raw, at)
        yield kind, base, pages * 4096, attribute


def _attributes(attribute):
    names = []
    for word in _ATTRIBUTES.split():
        digits = 2 if len(word) > 1 and word[1].isdigit() else 1
        if attribute >> int(word[:digits]) & 1:
            names.append(word[digits:])
    return " ".join(names)


def memory_map():
    """UEFI's memory map when boot services ended (§7.2.3).

    [(base, size in bytes, type, attributes), ...], type and attributes as words.  Raises
    OSError(ENODEV).
    """
    where = raw_map()
    if where is None:
        raise OSError(errno.ENODEV, "not started by UEFI")
    names = _TYPES.split(",")
    return [
        (base, size, names[kind] if kind < len(names) else hex(kind), _attributes(attribute))
        for kind, base, size, attribute in _descriptors(
            read(where[0], where[1] * where[2]), where[2]
        )
    ]


def _split():
    """Runtime code and data by page from the memory attributes table (§4.6.3), or []."""
    for _, name, at in tables():
        if name == "memory attributes":
            try:
                _, count, size, _ = struct.unpack("<IIII", read(at, 16))
                if 40 <= size <= 4096 and count <= 4096:
                    return list(_descriptors(read(at + 16, count * size), size))
            except BusError:
                pass
    return []


def _regions():
    where = raw_map()
    if where is None:
        raise OSError(errno.ENODEV, "not started by UEFI")
    regions = []
    for kind, base, size, attribute in _descriptors(read(where[0], where[1] * where[2]), where[2]):
        if attribute & _RUNTIME and size and base:
            if kind in (11, 12) or not attribute & _WB:
                regions.append((base, size, UNCACHED if attribute & _WC else DEVICE))
            else:
                regions.append((base, size, BOTH if kind == 5 else DATA))
    split = _split()
    if split:
        memory = [r for r in regions if r[2] in (BOTH, DATA)]
        inside = [
            (base, size, (BOTH, DATA, CODE, RO)[bool(a & _XP) + 2 * bool(a & _RO)])
            for _, base, size, a in split
            if any(b <= base and base + size <= b + s for b, s, _ in memory)
        ]
        # Only where it covers all that may be code; else code and data stay mixed.
        if sum(s for _, s, _ in inside) >= sum(s for _, s, k in memory if k == BOTH):
            regions = [r for r in regions if r[2] != BOTH] + inside
    return regions


class _Runtime:
    """The runtime services, checked, with their address space."""

    def __init__(self):
        self.table = _table(
            _u64(_system(), _ST_RUNTIME), _RT_SIGNATURE, _RT_SIZE, "runtime services"
        )
        space(_regions())
        self.at, self.buf = buffer()

    def __call__(self, service, *args):
        return call(_u64(self.table, service), _TIMEOUT_US, *args)


def get_time():
    """(year, month, day, hour, minute, second, ns, zone), zone in minutes or None (§8.3)."""
    rt = _Runtime()
    _status(rt(_RT_GET_TIME, rt.at, 0), "GetTime")
    y, mo, d, h, mi, s, _, ns, zone = struct.unpack_from("<HBBBBBBIh", rt.buf)
    return y, mo, d, h, mi, s, ns, None if zone == 0x7FF else zone


def variables():
    """Iterator over (name, GUID) of the variables visible at run time (§8.2).  Raises OSError."""
    rt = _Runtime()
    room = len(rt.buf) - 32
    name, guid = "", bytes(16)
    for _ in range(_VARIABLES_MAX):
        _put_name(rt.buf, name)
        rt.buf[8:24] = guid
        struct.pack_into("<Q", rt.buf, 0, room)
        status = rt(_RT_NEXT_NAME, rt.at, rt.at + 32, rt.at + 8)
        if status == _ERROR | _NOT_FOUND:
            return
        _status(status, "GetNextVariableName")
        last = name, guid
        name, guid = _get_name(rt.buf), bytes(rt.buf[8:24])
        if (name, guid) == last:
            break
        yield name, _guid(guid)
    raise _bad("GetNextVariableName: no end")


def variable(name, guid):
    """(attributes, value) of a variable, int and bytes (§8.2).  Raises OSError(ENOENT)."""
    raw = _guid_bytes(guid)
    rt = _Runtime()
    data = 32 + _put_name(rt.buf, name)
    data = (data + 7) & ~7
    rt.buf[8:24] = raw
    struct.pack_into("<Q", rt.buf, 0, len(rt.buf) - data)
    at = rt.at
    _status(rt(_RT_GET_VARIABLE, at + 32, at + 8, at + 24, at, at + data), "GetVariable")
    size = _u64(rt.buf, 0)
    if size > len(rt.buf) - data:
        raise _bad("GetVariable: %d bytes in %d" % (size, len(rt.buf) - data))
    return struct.unpack_from("<I", rt.buf, 24)[0], bytes(rt.buf[data : data + size])


def _put_name(buf, name):
    if 2 * len(name) + 2 > len(buf) // 2:
        raise ValueError("name too long")
    for i, c in enumerate(name):
        struct.pack_into("<H", buf, 32 + 2 * i, ord(c))
    struct.pack_into("<H", buf, 32 + 2 * len(name), 0)
    return 2 * len(name) + 2


def _get_name(buf):
    name = ""
    for at in range(32, len(buf), 2):
        c = buf[at] | buf[at + 1] << 8
        if not c:
            return name
        name += chr(c)
    raise _bad("GetNextVariableName: a name without an end")


def reset(kind="cold"):
    """ResetSystem: 'cold', 'warm' or 'shutdown' (§8.5.1).  Returns only by an exception."""
    kinds = ("cold", "warm", "shutdown")
    if kind not in kinds:
        raise ValueError("cold, warm or shutdown")
    rt = _Runtime()
    rt(_RT_RESET, kinds.index(kind), 0, 0, 0)
    raise _bad("ResetSystem came back")
