"""The host's side of one connection: a scripted device answers what QEMU asks."""

import time
from collections import deque
from collections.abc import Callable
from typing import Any

from usb_devices import Stall

from . import endpoints
from .packets import Cap, Codec, Kind, Packet, ProtocolError, Status

# QEMU takes no device to an xHCI port without the last three of these.
CAPS = {
    Cap.CONNECT_DEVICE_VERSION,
    Cap.DEVICE_DISCONNECT_ACK,
    Cap.EP_INFO_MAX_PACKET_SIZE,
    Cap.IDS_64BIT,
    Cap.BULK_LENGTH_32BIT,
}
_LOG = 1000
_BEHIND = 16  # intervals that a late thread makes up for
_SETUPS: dict[Kind, Callable[[Packet], tuple[int, int, int, int, int]]] = {
    Kind.CONTROL: lambda p: (p.type, p.request, p.value, p.index, p.length),
    Kind.SET_CONFIGURATION: lambda p: (0, 9, p.value, 0, 0),
    Kind.GET_CONFIGURATION: lambda p: (0x80, 8, 0, 0, 1),
    Kind.SET_ALT_SETTING: lambda p: (1, 11, p.alternate, p.interface, 0),
    Kind.GET_ALT_SETTING: lambda p: (0x81, 10, 0, p.interface, 1),
}


class Session:
    """send(bytes): to QEMU.

    codec.agreed and codec.version: of QEMU, once it has said hello.  device: what is plugged in.
    resets, cancelled, acknowledged: how many of these came.  log: the last packets, as text.
    """

    def __init__(self, send: Callable[[bytes], None], caps: set[Cap] = CAPS):
        self.codec = Codec(caps)
        self.device: Any = None
        self.resets = self.cancelled = self.acknowledged = 0
        self.log: deque[str] = deque(maxlen=_LOG)
        self._send = send
        self._waiting: dict[int, Packet] = {}  # by id: neither answered nor cancelled
        self._streams: dict[int, float] = {}  # interrupt endpoint read: not again before; 0: idle
        self._stalled: set[int] = set()  # of them: QEMU knows, and the halt stays
        self._number = 0
        send(self.codec.hello("pyrallax tests/usbredir"))

    # ---- the plug

    def plug(self, device: Any) -> None:
        """Connect a device; QEMU attaches it at once, or 200 ms after another has gone."""
        self.device = device
        device.reset()
        self._send(endpoints.info(self.codec, device) + endpoints.connect(self.codec, device))
        self.log.append(f"> plug {device.speed}")

    def unplug(self) -> None:
        """Disconnect it; what is under way never ends."""
        if self.device is None:
            return
        self.device = None
        self._waiting.clear()
        self._streams.clear()
        self._put(Kind.DEVICE_DISCONNECT)

    @property
    def waiting(self) -> int:
        """Transfers that the device has not answered."""
        return len(self._waiting)

    # ---- what comes

    def feed(self, data: bytes) -> None:
        """Bytes from QEMU.  Raises ProtocolError."""
        for packet in self.codec.feed(data):
            self.log.append(f"< {packet.kind.name} {packet.id} {packet.fields}")
            self._take(packet)

    def _take(self, p: Packet) -> None:
        kind = p.kind
        if kind == Kind.DEVICE_DISCONNECT_ACK:
            self.acknowledged += 1
        elif kind == Kind.FILTER_REJECT:
            raise ProtocolError("QEMU refuses the device")
        elif kind == Kind.HELLO or self.device is None:
            pass  # crossed with our disconnect
        elif kind == Kind.RESET:
            self.resets += 1
            self.device.reset()
        elif kind in _SETUPS:
            self._control(p)
        elif kind == Kind.BULK or kind == Kind.INTERRUPT:
            if p.id in self._waiting:
                raise ProtocolError(f"id {p.id} again")
            self._waiting[p.id] = p
        elif kind == Kind.START_INTERRUPT_RECEIVING:
            self._streams.setdefault(p.endpoint, 0.0)
            self._stalled.discard(p.endpoint)
            self._started(p)
        elif kind == Kind.STOP_INTERRUPT_RECEIVING:
            self._streams.pop(p.endpoint, None)
            self._started(p)
        elif kind == Kind.CANCEL_DATA_PACKET:
            self.cancelled += 1
            if p.id in self._waiting:  # otherwise the answer crossed it
                self._answer(self._waiting.pop(p.id), Status.CANCELLED)
        else:
            raise ProtocolError(f"{kind.name} without its capability")
        self.serve()

    def _control(self, p: Packet) -> None:
        type, request, value, index, length = _SETUPS[p.kind](p)
        if len(p.data) != (0 if type & 128 else length):
            raise ProtocolError(f"control transfer of {length} bytes with {len(p.data)}")
        setup = b"".join(n.to_bytes(2, "little") for n in (type | request << 8, value, index))
        device = self.device
        try:
            answer = device.control(setup + length.to_bytes(2, "little"), p.data)
        except Stall:
            self._answer(p, Status.STALL)
            return
        if self.device is not device:
            return  # it vanished
        if answer is None:
            self._waiting[p.id] = p
        elif type & 128 and len(answer) > length:
            self._answer(p, Status.BABBLE, answer[:length])
        else:
            self._answer(p, Status.SUCCESS, answer if type & 128 else b"", length)

    def _answer(self, p: Packet, status: Status, data: bytes = b"", done: int = 0) -> None:
        """done: how much an OUT transfer has taken."""
        if p.kind in (Kind.CONTROL, Kind.BULK, Kind.INTERRUPT):
            length = len(data) if p.endpoint & 128 else done
            self._put(p.kind, p.id, data, **{**p.fields, "status": status, "length": length})
        elif p.kind in (Kind.SET_CONFIGURATION, Kind.GET_CONFIGURATION):
            if p.kind == Kind.SET_CONFIGURATION and status == Status.SUCCESS:
                self._send(endpoints.info(self.codec, self.device))
            self._put(Kind.CONFIGURATION_STATUS, p.id, status=status, value=self.device.value)
        else:
            if p.kind == Kind.SET_ALT_SETTING and status == Status.SUCCESS:
                self._send(endpoints.info(self.codec, self.device))
            alternate = self.device.alternates.get(p.interface, 0)
            self._put(
                Kind.ALT_SETTING_STATUS,
                p.id,
                status=status,
                interface=p.interface,
                alternate=alternate,
            )

    def _put(self, kind: Kind, id: int = 0, data: bytes = b"", **fields: Any) -> None:
        self.log.append(f"> {kind.name} {id} {fields} {len(data)} bytes")
        self._send(self.codec.pack(kind, id, data, **fields))

    # ---- bulk and interrupt endpoints

    def serve(self) -> float | None:
        """Let the device answer what it can now; seconds until it is to be asked again."""
        while self._pass():
            pass
        if self.device is not None:
            self._stalled &= self.device.halted
        soon = [left for ep in list(self._streams) if (left := self._stream(ep)) is not None]
        return min(soon, default=None)

    def _pass(self) -> bool:
        """Try every endpoint's oldest transfer; whether one has ended."""
        tried = set()
        ended = False
        for p in list(self._waiting.values()):
            if p.id not in self._waiting:
                break  # unplugged by what the one before has brought
            if p.kind in (Kind.BULK, Kind.INTERRUPT) and p.endpoint not in tried:
                tried.add(p.endpoint)
                if self._move(p):
                    self._waiting.pop(p.id, None)
                    ended = True
        return ended

    def _move(self, p: Packet) -> bool:
        """Whether a transfer has ended."""
        try:
            if p.endpoint & 128:
                data = self.device.read(p.endpoint, p.length)
                if data is None:
                    return False
                status = Status.BABBLE if len(data) > p.length else Status.SUCCESS
                self._answer(p, status, bytes(data[: p.length]))
            else:
                done = self.device.write(p.endpoint, p.data)
                if done is None:
                    return False
                self._answer(p, Status.SUCCESS, b"", done)
        except Stall:
            self.device.halted.add(p.endpoint)
            self._answer(p, Status.STALL)
        return True

    def _stream(self, endpoint: int) -> float | None:
        """One report, if it is time for one; seconds until the next, None: when it has some."""
        now = time.monotonic()
        left = self._streams[endpoint] - now
        if left > 0:
            return left
        size, interval_s = self._pace(endpoint)
        status, data = Status.SUCCESS, b""
        try:
            if endpoint not in self._stalled:
                data = self.device.read(endpoint, size)
        except Stall:
            # As a packet: INTERRUPT_RECEIVING_STATUS does not wake QEMU's xHCI.
            status = Status.STALL
            self.device.halted.add(endpoint)
            self._stalled.add(endpoint)
        if not data and not status:
            self._streams[endpoint] = 0.0
            return None
        self._number += 1
        length = len(data)
        self._put(
            Kind.INTERRUPT,
            self._number,
            bytes(data),
            endpoint=endpoint,
            status=status,
            length=length,
        )
        # On the beat: who is late is not late for ever.
        due = max(self._streams[endpoint] or now, now - _BEHIND * interval_s) + interval_s
        self._streams[endpoint] = due
        return max(0.0, due - now)

    def _started(self, p: Packet) -> None:
        """Or stopped."""
        status = Kind.INTERRUPT_RECEIVING_STATUS
        self._put(status, p.id, status=Status.SUCCESS, endpoint=p.endpoint)

    def _pace(self, endpoint: int) -> tuple[int, float]:
        """Packet size and seconds between two (USB 2.0 §9.6.6)."""
        for _, (_, found) in endpoints.active(self.device).items():
            for raw in found:
                if raw[2] == endpoint:
                    size = (raw[4] | raw[5] << 8) & 0x7FF
                    if self.device.speed in ("low", "full"):
                        return size, max(1, raw[6]) / 1000
                    return size, (1 << min(16, max(1, raw[6])) - 1) / 8000
        return 64, 0.01
