"""What usbredir says of a device's interfaces and endpoints, from its descriptors.

These may be as wrong as a test wants: what does not parse is left out, so that QEMU lets the
device through to the guest, whose task the rest is.
"""

import struct
from typing import Any

from .packets import Codec, Kind

_SPEEDS = {"low": 0, "full": 1, "high": 2, "super": 3}
_INTERFACE, _ENDPOINT = 4, 5
_NONE = 255  # type of an endpoint that is not there
_INTERRUPT, _ISOCHRONOUS = 3, 1


def slot(address: int) -> int:
    """Where an endpoint is in the arrays of 32."""
    return address & 15 | (address & 0x80) >> 3


def parts(raw: bytes) -> list[bytes]:
    """The descriptors that follow one another, up to the first that cannot be one."""
    out, at = [], 0
    while at + 2 <= len(raw) and raw[at] >= 2 and at + raw[at] <= len(raw):
        out.append(raw[at : at + raw[at]])
        at += raw[at]
    return out


def active(device: Any) -> dict[int, tuple[bytes, list[bytes]]]:
    """{interface: (its descriptor, those of its endpoints)} in the configuration that is set."""
    out: dict[int, tuple[bytes, list[bytes]]] = {}
    found = [c for c in device.configs if len(c) > 5 and c[5] == device.value]
    current: list[bytes] | None = None
    for part in parts(found[0]) if found and device.value else ():
        if part[1] == _INTERFACE and len(part) >= 9:
            current = None
            if part[3] == device.alternates.get(part[2], 0):
                current = []
                out[part[2]] = part, current
        elif part[1] == _ENDPOINT and len(part) >= 7 and current is not None:
            current.append(part)
    return out


def connect(codec: Codec, device: Any) -> bytes:
    """DEVICE_CONNECT."""
    d = bytes(device.descriptor[:18]).ljust(18, b"\0")
    vendor, product, version = struct.unpack_from("<HHH", d, 8)
    return codec.pack(
        Kind.DEVICE_CONNECT,
        speed=_SPEEDS[device.speed],
        class_=d[4],
        subclass=d[5],
        protocol=d[6],
        vendor=vendor,
        product=product,
        version=version,
    )


def info(codec: Codec, device: Any) -> bytes:
    """INTERFACE_INFO and EP_INFO, as they are after SET_CONFIGURATION or SET_INTERFACE."""
    types = bytearray([_NONE] * 32)
    types[0] = types[16] = 0
    intervals, owners, sizes = bytearray(32), bytearray(32), [0] * 32
    interfaces = list(active(device).items())[:32]
    for number, (_, endpoints) in interfaces:
        for raw in endpoints:
            n = slot(raw[2])
            if raw[2] & 15 == 0:
                continue
            types[n] = raw[3] & 3
            size = raw[4] | raw[5] << 8
            sizes[n] = (size & 0x7FF) * (1 + (size >> 11 & 3))
            owners[n] = number
            intervals[n] = raw[6]
            if types[n] in (_INTERRUPT, _ISOCHRONOUS):
                intervals[n] = max(1, raw[6])  # QEMU drops a device with 0
    columns = [
        bytes(part[n] for _, (part, _) in interfaces).ljust(32, b"\0") for n in (2, 5, 6, 7)
    ]
    said = codec.pack(
        Kind.INTERFACE_INFO,
        count=len(interfaces),
        number=columns[0],
        class_=columns[1],
        subclass=columns[2],
        protocol=columns[3],
    )
    return said + codec.pack(
        Kind.EP_INFO,
        type=bytes(types),
        interval=bytes(intervals),
        interface=bytes(owners),
        max_packet=struct.pack("<32H", *sizes),
        max_streams=bytes(128),
    )
