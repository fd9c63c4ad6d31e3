"""AML and ACPI tables by hand, for unit tests and the fuzzer (ACPI 6.5 §5.2.6, §20.2)."""

import struct


def name(path):
    """NameString: '\\\\_SB_.PCI0', '^ABCD', 'ABCD'; segments of four characters."""
    prefix = path[: len(path) - len(path.lstrip("\\^"))]
    segments = path[len(prefix) :].split(".")
    body = b"".join(s.encode() for s in segments)
    if len(segments) == 2:
        body = b"\x2e" + body
    elif len(segments) > 2:
        body = bytes([0x2F, len(segments)]) + body
    return prefix.encode() + body


def pkg(opcode, body):
    """Opcode, PkgLength and body."""
    for more in range(4):
        length = len(body) + 1 + more
        if length < (0x40 if not more else 1 << (4 + 8 * more)):
            break
    lead = length if not more else more << 6 | length & 15
    rest = bytes((length >> (4 + 8 * i)) & 0xFF for i in range(more))
    return opcode + bytes([lead]) + rest + body


def integer(value):
    """The shortest constant."""
    if value < 2:
        return bytes([value])
    for opcode, size in ((0x0A, 1), (0x0B, 2), (0x0C, 4)):
        if value < 1 << 8 * size:
            return bytes([opcode]) + value.to_bytes(size, "little")
    return b"\x0e" + value.to_bytes(8, "little")


def value(of):
    """Constant of an int, str, bytes, list (package); a tuple holds AML as it is."""
    if isinstance(of, int):
        return integer(of)
    if isinstance(of, str):
        return b"\x0d" + of.encode() + b"\0"
    if isinstance(of, bytes):
        return pkg(b"\x11", integer(len(of)) + of)
    if isinstance(of, list):
        return pkg(b"\x12", bytes([len(of)]) + b"".join(value(v) for v in of))
    return of[0]


def named(path, of):
    return b"\x08" + name(path) + value(of)


def device(path, *terms):
    return pkg(b"\x5b\x82", name(path) + b"".join(terms))


def scope(path, *terms):
    return pkg(b"\x10", name(path) + b"".join(terms))


def method(path, *terms, flags=0):
    return pkg(b"\x14", name(path) + bytes([flags]) + b"".join(terms))


def returns(of):
    return b"\xa4" + value(of)


def eisa(text):
    """EISAID('PNP0A08') as int."""
    high = 0
    for letter in text[:3]:
        high = high << 5 | ord(letter) - 0x40
    return struct.unpack("<I", struct.pack(">I", high << 16 | int(text[3:], 16)))[0]


def template(*descriptors):
    """Buffer of a resource template."""
    return b"".join(descriptors) + b"\x79\0"


def memory32(base, size):
    return struct.pack("<BHBII", 0x86, 9, 1, base, size)


def interrupt(number, flags=1):
    return struct.pack("<BHBBI", 0x89, 6, flags, 1, number)


def table(signature, body, revision=2):
    """Header, body, checksum."""
    data = struct.pack(
        "<4sIBB6s8sI4sI",
        signature.encode(),
        36 + len(body),
        revision,
        0,
        b"PYRLX ",
        b"TEST    ",
        1,
        b"PYRX",
        1,
    )
    return seal(data + body)


def seal(data):
    """With the checksum of a table put right."""
    data = bytearray(data)
    data[9] = 0
    data[9] = -sum(data) & 0xFF
    return bytes(data)
