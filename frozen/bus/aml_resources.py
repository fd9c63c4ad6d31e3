"""Resource templates: the buffers of _CRS and _PRS, descriptor by descriptor (ACPI 6.5 §6.4).

Kinds and field names are ASL's.  Not done: GPIO, serial buses, pin functions: named, not decoded.
"""

import struct

from aml_data import AmlError

_NAMED = {
    0x0F: "VendorShort",
    0x84: "VendorLong",
    0x8D: "PinFunction",
    0x8F: "PinConfig",
    0x90: "PinGroup",
    0x91: "PinGroupFunction",
    0x92: "PinGroupConfig",
    0x93: "ClockInput",
}
_SERIAL = {1: "I2cSerialBusV2", 2: "SpiSerialBusV2", 3: "UartSerialBusV2", 4: "Csi2Bus"}
_SPACES = {0x87: ("DWord", 4, 32), 0x88: ("Word", 2, 16), 0x8A: ("QWord", 8, 64)}
_SPACES[0x8B] = ("Extended", 8, 64)
_RANGES = {0: "Memory", 1: "IO", 2: "BusNumber"}


def decode(data):
    """bytes of a template -> list of dicts with 'kind' and the fields of that kind.

    Addresses and lengths are in bytes, 'interrupts' a list, 'trigger' 'level' or 'edge',
    'polarity' 'high' or 'low'.  Raises AmlError.
    """
    found = []
    at = 0
    while at < len(data):
        tag = data[at]
        if tag & 0x80:
            if at + 3 > len(data):
                raise AmlError("resource at %d cut off" % at)
            start = at + 3
            stop = start + (data[at + 1] | data[at + 2] << 8)
        else:
            start = at + 1
            stop = start + (tag & 7)
            tag = tag >> 3
            if tag == 0x0F:
                return found  # end tag, §6.4.2.9
            if tag == 0x0E:
                tag = 0x0F  # told apart from the large tags, which have bit 7 set
        if stop > len(data):
            raise AmlError("resource at %d of %d bytes is too long" % (at, stop - start))
        try:
            found.append(_descriptor(tag, bytes(data[start:stop])))
        except (ValueError, IndexError) as why:
            raise AmlError("resource 0x%x at %d: %s" % (tag, at, why))
        at = stop
    raise AmlError("resources without an end tag")


def _numbers(form, body, at=0):
    if at + struct.calcsize(form) > len(body):
        raise AmlError("%d bytes are too few" % len(body))
    return struct.unpack_from(form, body, at)


def _descriptor(tag, body):
    if tag in _SPACES:
        return _space(tag, body)
    if tag == 0x89:
        return _interrupts(body)
    if tag in (0x81, 0x85, 0x86):
        return _memory(tag, body)
    if tag == 0x04:
        return _irq(body)
    if tag == 0x08:
        flags, low, high, align, length = _numbers("<BHHBB", body)
        return {"kind": "IO", "min": low, "max": high, "align": align, "length": length}
    if tag == 0x09:
        base, length = _numbers("<HB", body)
        return {"kind": "FixedIO", "base": base, "length": length}
    if tag == 0x05:
        return {"kind": "DMA", "channels": [i for i in range(8) if body[0] >> i & 1]}
    if tag == 0x0A:
        line, channel, _ = _numbers("<HHB", body)
        return {"kind": "FixedDMA", "line": line, "channel": channel}
    if tag == 0x82:
        space, width, shift, access, address = _numbers("<BBBBQ", body)
        register = {"kind": "Register", "space": space, "bit_width": width, "bit_offset": shift}
        register.update({"address": address, "access": access})
        return register
    if tag in (0x06, 0x07):
        return {"kind": "StartDependentFn" if tag == 0x06 else "EndDependentFn"}
    if tag == 0x8C:
        return {"kind": "GpioIo" if body[1] else "GpioInt"}
    if tag == 0x8E:
        return {"kind": _SERIAL.get(body[2], "SerialBus")}
    return {"kind": _NAMED.get(tag, "Reserved")}


def _memory(tag, body):
    """§6.4.3.1, §6.4.3.3, §6.4.3.4."""
    write = bool(body[0] & 1)
    if tag == 0x86:
        base, length = _numbers("<II", body, 1)
        return {"kind": "Memory32Fixed", "write": write, "base": base, "length": length}
    if tag == 0x81:  # in units of 256 bytes
        low, high, align, length = _numbers("<HHHH", body, 1)
        found = {"kind": "Memory24", "min": low << 8, "max": high << 8, "length": length << 8}
        align = align or 0x10000
    else:
        low, high, align, length = _numbers("<IIII", body, 1)
        found = {"kind": "Memory32", "min": low, "max": high, "length": length}
    found.update({"write": write, "align": align})
    return found


def _irq(body):
    """§6.4.2.1; without flags: edge, active high, not shared."""
    flags = body[2] if len(body) > 2 else 1
    return {
        "kind": "IRQ" if len(body) > 2 else "IRQNoFlags",
        "interrupts": [i for i in range(16) if (body[0] | body[1] << 8) >> i & 1],
        "trigger": "edge" if flags & 1 else "level",
        "polarity": "low" if flags & 8 else "high",
        "shared": bool(flags & 0x10),
        "wake": bool(flags & 0x20),
    }


def _interrupts(body):
    """§6.4.3.6."""
    flags, count = body[0], body[1]
    found = {
        "kind": "Interrupt",
        "consumer": bool(flags & 1),
        "trigger": "edge" if flags & 2 else "level",
        "polarity": "low" if flags & 4 else "high",
        "shared": bool(flags & 8),
        "wake": bool(flags & 16),
        "interrupts": list(_numbers("<%dI" % count, body, 2)),
    }
    return _source(found, body, 2 + 4 * count)


def _space(tag, body):
    """Word, DWord, QWord and Extended address space, §6.4.3.5."""
    size, width, bits = _SPACES[tag]
    at = 5 if tag == 0x8B else 3  # revision and a reserved byte first
    gran, low, high, translation, length = _numbers(
        "<5" + {2: "H", 4: "I", 8: "Q"}[width], body, at
    )
    what, flags, special = body[0], body[1], body[2]
    found = {
        "kind": size + _RANGES.get(what, "Space"),
        "type": what,
        "bits": bits,
        "consumer": bool(flags & 1),
        "subtractive": bool(flags & 2),
        "min_fixed": bool(flags & 4),
        "max_fixed": bool(flags & 8),
        "granularity": gran,
        "min": low,
        "max": high,
        "translation": translation,
        "length": length,
    }
    if what == 0:
        found["write"] = bool(special & 1)
        found["caching"] = ("NonCacheable", "Cacheable", "WriteCombining", "Prefetchable")[
            special >> 1 & 3
        ]
        found["translated_io"] = bool(special & 0x20)
    elif what == 1:
        found["translated_memory"] = bool(special & 0x10)
        found["sparse"] = bool(special & 0x20)
    at += 5 * width
    if tag == 0x8B:
        found["attributes"] = _numbers("<Q", body, at)[0]
        return found
    return _source(found, body, at)


def _source(found, body, at):
    """Resource source index and name, where there are any."""
    if len(body) > at + 1:
        found["source_index"] = body[at]
        found["source"] = str(body[at + 1 :].split(b"\0")[0], "ascii")
    return found
