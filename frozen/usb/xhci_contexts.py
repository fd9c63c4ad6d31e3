"""Device and input contexts in memory, 32 or 64 bytes each (xHCI 1.2 §6.2)."""

import struct

import dma
from micropython import const

CONTROL, BULK, INTERRUPT = "control", "bulk", "interrupt"
_ENTRIES = const(32)  # slot context and 31 endpoints
_PAGE = const(4096)  # §6.1: neither may cross one
_STATE = const(7)
_SPEED_IDS = {"full": 1, "low": 2, "high": 3, "super": 4, "super+": 5}
_TYPES = {BULK: 2, INTERRUPT: 3}  # OUT; + 4 for IN (§6.2.3)
_TYPE_CONTROL = const(4)
_BULK_AVERAGE = const(3072)  # §4.14.1.1
_CONTROL_AVERAGE = const(8)
_ERRORS = const(3)  # CErr: tries of the bus before an endpoint halts

DISABLED, RUNNING, HALTED, STOPPED, ERROR = 0, 1, 2, 3, 4  # endpoint states


def dci(address):
    """Device context index of an endpoint address (§4.5.1); 0 and 0x80 are the control one."""
    return (address & 15) * 2 + (address >> 7 & 1 if address & 15 else 1)


def interval(endpoint, speed):
    """Exponent of the period in units of 125 µs (§6.2.3.6)."""
    if endpoint.kind != INTERRUPT:
        return 0
    given = max(1, endpoint.interval)
    if speed in ("low", "full"):
        out = 0
        while 2 << out <= given * 8:
            out += 1
        return min(max(out, 3), 10)
    return min(given, 16) - 1


def endpoint_words(endpoint, speed, pointer):
    """The five dwords of an endpoint context (§6.2.3).  pointer: of its ring, | DCS."""
    size = endpoint.mps
    burst = 0
    if speed in ("super", "super+"):
        burst = min(endpoint.burst, 15)
    elif speed == "high" and endpoint.kind == INTERRUPT:
        burst = min(endpoint.mult, 2)
    payload = 0
    average = _BULK_AVERAGE
    kind = _TYPE_CONTROL
    if endpoint.kind == CONTROL:
        average = _CONTROL_AVERAGE
    else:
        kind = _TYPES[endpoint.kind] + (endpoint.address >> 7 & 1) * 4
    if endpoint.kind == INTERRUPT:
        payload = size * (burst + 1)
        if speed in ("super", "super+") and endpoint.bytes_per_interval:
            payload = endpoint.bytes_per_interval
        average = payload
    return (
        (payload >> 16 & 0xFF) << 24 | interval(endpoint, speed) << 16,
        _ERRORS << 1 | kind << 3 | burst << 8 | size << 16,
        pointer & 0xFFFFFFFF,
        pointer >> 32,
        (payload & 0xFFFF) << 16 | average & 0xFFFF,
    )


class Contexts:
    """One slot's.  stride: bytes of a context.  output: what the controller writes."""

    def __init__(self, stride):
        self._stride = stride
        self._zeros = bytes((_ENTRIES + 1) * stride)
        self.output = dma.alloc(_ENTRIES * stride, _PAGE, "xhci device context")
        try:
            self.input = dma.alloc((_ENTRIES + 1) * stride, _PAGE, "xhci input context")
        except OSError:
            self.output.free()
            raise

    def free(self):
        """Give the memory back: the slot is disabled."""
        self.output.free()
        self.input.free()

    def state(self, index):
        """An endpoint's state as the controller last wrote it."""
        return struct.unpack_from("<I", self.output, index * self._stride)[0] & _STATE

    def address(self):
        """The device's address on the bus."""
        return struct.unpack_from("<I", self.output, 12)[0] & 0xFF

    def begin(self, add, drop=0):
        """Start a fresh input context: flags by context index, the slot context as it stands."""
        data = memoryview(self.input)
        data[:] = self._zeros
        struct.pack_into("<II", data, 0, drop, add)
        # §4.6.6: all of it, what the controller keeps there, too (Parallels takes it as given).
        stride = self._stride
        data[stride : 2 * stride] = memoryview(self.output)[:stride]

    def entries(self, last):
        """Context Entries: the index of the last context that is valid."""
        self._modify(self._stride, ~(31 << 27), last << 27)

    def hub(self, ports, multi_tt, think_time):
        """Make the slot context say that the device is a hub (§4.6.7, §6.2.2)."""
        at = self._stride
        self._modify(at, ~(1 << 25), 1 << 26 | (1 << 25 if multi_tt else 0))
        self._modify(at + 4, 0x00FFFFFF, ports << 24)
        self._modify(at + 8, ~(3 << 16), (think_time & 3) << 16)

    def _modify(self, at, mask, bits):
        value = struct.unpack_from("<I", self.input, at)[0]
        struct.pack_into("<I", self.input, at, value & mask & 0xFFFFFFFF | bits)

    def slot(self, route, speed_id, port, tt_slot=0, tt_port=0, multi_tt=False):
        """The slot context of a new device: one entry (§6.2.2)."""
        struct.pack_into(
            "<IIII",
            self.input,
            self._stride,
            route | speed_id << 20 | (1 << 25 if multi_tt else 0) | 1 << 27,
            port << 16,
            tt_slot | tt_port << 8,
            0,
        )

    def endpoint(self, index, words):
        """Endpoint context: words of endpoint_words()."""
        struct.pack_into("<IIIII", self.input, (index + 1) * self._stride, *words)


def speed_id(speed):
    """The default number of a speed (§7.2.2.1.1)."""
    return _SPEED_IDS[speed]
