"""The usbredir protocol, version 0.7: its packets as bytes, the same at both ends.

A packet is a header (type, length of what follows, id), fields by type, and data with some types.
Fields, and the id's width, depend on what both ends are capable of; until both have said hello
that is nothing.  All integers are little-endian.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any


class Kind(IntEnum):
    HELLO = 0
    DEVICE_CONNECT = 1
    DEVICE_DISCONNECT = 2
    RESET = 3
    INTERFACE_INFO = 4
    EP_INFO = 5
    SET_CONFIGURATION = 6
    GET_CONFIGURATION = 7
    CONFIGURATION_STATUS = 8
    SET_ALT_SETTING = 9
    GET_ALT_SETTING = 10
    ALT_SETTING_STATUS = 11
    START_ISO_STREAM = 12
    STOP_ISO_STREAM = 13
    ISO_STREAM_STATUS = 14
    START_INTERRUPT_RECEIVING = 15
    STOP_INTERRUPT_RECEIVING = 16
    INTERRUPT_RECEIVING_STATUS = 17
    ALLOC_BULK_STREAMS = 18
    FREE_BULK_STREAMS = 19
    BULK_STREAMS_STATUS = 20
    CANCEL_DATA_PACKET = 21
    FILTER_REJECT = 22
    FILTER_FILTER = 23
    DEVICE_DISCONNECT_ACK = 24
    START_BULK_RECEIVING = 25
    STOP_BULK_RECEIVING = 26
    BULK_RECEIVING_STATUS = 27
    CONTROL = 100
    BULK = 101
    ISO = 102
    INTERRUPT = 103
    BUFFERED_BULK = 104


class Cap(IntEnum):
    """Numbers of the bits in a hello's capabilities."""

    BULK_STREAMS = 0
    CONNECT_DEVICE_VERSION = 1
    FILTER = 2
    DEVICE_DISCONNECT_ACK = 3
    EP_INFO_MAX_PACKET_SIZE = 4
    IDS_64BIT = 5
    BULK_LENGTH_32BIT = 6
    BULK_RECEIVING = 7


class Status(IntEnum):
    SUCCESS = 0
    CANCELLED = 1
    INVALID = 2
    IO_ERROR = 3
    STALL = 4
    TIMEOUT = 5
    BABBLE = 6


class ProtocolError(Exception):
    """What came is no usbredir."""


# name:format, and after a ? the capability that the field needs.
_FIELDS = {
    Kind.HELLO: "version:64s",
    Kind.DEVICE_CONNECT: "speed:B class_:B subclass:B protocol:B vendor:H product:H version:H?1",
    Kind.DEVICE_DISCONNECT: "",
    Kind.RESET: "",
    Kind.INTERFACE_INFO: "count:I number:32s class_:32s subclass:32s protocol:32s",
    Kind.EP_INFO: "type:32s interval:32s interface:32s max_packet:64s?4 max_streams:128s?0",
    Kind.SET_CONFIGURATION: "value:B",
    Kind.GET_CONFIGURATION: "",
    Kind.CONFIGURATION_STATUS: "status:B value:B",
    Kind.SET_ALT_SETTING: "interface:B alternate:B",
    Kind.GET_ALT_SETTING: "interface:B",
    Kind.ALT_SETTING_STATUS: "status:B interface:B alternate:B",
    Kind.START_ISO_STREAM: "endpoint:B packets:B urbs:B",
    Kind.STOP_ISO_STREAM: "endpoint:B",
    Kind.ISO_STREAM_STATUS: "status:B endpoint:B",
    Kind.START_INTERRUPT_RECEIVING: "endpoint:B",
    Kind.STOP_INTERRUPT_RECEIVING: "endpoint:B",
    Kind.INTERRUPT_RECEIVING_STATUS: "status:B endpoint:B",
    Kind.ALLOC_BULK_STREAMS: "endpoints:I streams:I",
    Kind.FREE_BULK_STREAMS: "endpoints:I",
    Kind.BULK_STREAMS_STATUS: "endpoints:I streams:I status:B",
    Kind.CANCEL_DATA_PACKET: "",
    Kind.FILTER_REJECT: "",
    Kind.FILTER_FILTER: "",
    Kind.DEVICE_DISCONNECT_ACK: "",
    Kind.START_BULK_RECEIVING: "stream:I bytes:I endpoint:B transfers:B",
    Kind.STOP_BULK_RECEIVING: "stream:I endpoint:B",
    Kind.BULK_RECEIVING_STATUS: "stream:I endpoint:B status:B",
    Kind.CONTROL: "endpoint:B request:B type:B status:B value:H index:H length:H",
    Kind.BULK: "endpoint:B status:B length:H stream:I length_high:H?6",
    Kind.ISO: "endpoint:B status:B length:H",
    Kind.INTERRUPT: "endpoint:B status:B length:H",
    Kind.BUFFERED_BULK: "stream:I length:I endpoint:B status:B",
}
_WITH_DATA = {
    Kind.HELLO,
    Kind.FILTER_FILTER,
    Kind.CONTROL,
    Kind.BULK,
    Kind.ISO,
    Kind.INTERRUPT,
    Kind.BUFFERED_BULK,
}
_MOST = 1 << 24  # no test moves more at once


@dataclass
class Packet:
    """fields: by name; the two halves of a bulk packet's length are one."""

    kind: Kind
    id: int = 0
    fields: dict[str, Any] = field(default_factory=dict)
    data: bytes = b""

    def __getattr__(self, name: str) -> Any:
        try:
            return self.fields[name]
        except KeyError:
            raise AttributeError(name) from None


def mask(caps: set[Cap]) -> bytes:
    """A hello's data."""
    return struct.pack("<I", sum(1 << cap for cap in caps))


class Codec:
    """One end of a connection.  agreed: the capabilities of both, None before their hello."""

    def __init__(self, ours: set[Cap]):
        self.ours = ours
        self.agreed: set[Cap] | None = None
        self.version = ""  # of the other end
        self._left = b""

    def _layout(self, kind: Kind) -> tuple[list[str], struct.Struct]:
        names, form = [], "<"
        for word in _FIELDS[kind].split():
            name, _, rest = word.partition(":")
            code, _, cap = rest.partition("?")
            if not cap or Cap(int(cap)) in (self.agreed or ()):
                names.append(name)
                form += code
        return names, struct.Struct(form)

    def _header(self, kind: Kind | None = None) -> struct.Struct:
        wide = Cap.IDS_64BIT in (self.agreed or ()) and kind != Kind.HELLO
        return struct.Struct("<IIQ" if wide else "<III")

    def hello(self, version: str) -> bytes:
        """The first thing to send."""
        return self.pack(Kind.HELLO, 0, mask(self.ours), version=version.encode())

    def pack(self, kind: Kind, id: int = 0, data: bytes = b"", **fields: Any) -> bytes:
        """A packet as it is sent.  What the other end cannot take is left out."""
        names, layout = self._layout(kind)
        if kind == Kind.BULK:
            fields = {**fields, "length_high": fields["length"] >> 16}
            fields["length"] &= 0xFFFF
        body = layout.pack(*(fields[name] for name in names)) + data
        return self._header(kind).pack(kind, len(body), id) + body

    def feed(self, data: bytes) -> Iterator[Packet]:
        """What has come whole with these bytes.  Raises ProtocolError."""
        self._left += data
        while len(self._left) >= (header := self._header()).size:
            number, length, id = header.unpack_from(self._left)
            if number not in _FIELDS:
                raise ProtocolError(f"packet of type {number}")
            if length > _MOST:
                raise ProtocolError(f"{Kind(number).name} of {length} bytes")
            end = header.size + length
            if len(self._left) < end:
                return
            body, self._left = self._left[header.size : end], self._left[end:]
            yield self._unpack(Kind(number), id, body)

    def _unpack(self, kind: Kind, id: int, body: bytes) -> Packet:
        if (kind == Kind.HELLO) != (self.agreed is None):
            raise ProtocolError(f"{kind.name} {'again' if kind == Kind.HELLO else 'too early'}")
        names, layout = self._layout(kind)
        if len(body) < layout.size or (len(body) > layout.size and kind not in _WITH_DATA):
            raise ProtocolError(f"{kind.name} of {len(body)} bytes, not {layout.size}")
        fields = dict(zip(names, layout.unpack_from(body), strict=True))
        data = body[layout.size :]
        if kind == Kind.BULK:
            fields["length"] |= fields.pop("length_high", 0) << 16
        if kind == Kind.HELLO:
            if len(data) % 4:
                raise ProtocolError(f"HELLO with {len(data)} bytes of capabilities")
            bits = int.from_bytes(data, "little")
            self.agreed = {cap for cap in self.ours if bits >> cap & 1}
            self.version = fields["version"].rstrip(b"\0").decode(errors="replace")
        return Packet(kind, id, fields, data)
