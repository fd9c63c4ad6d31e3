"""tests/usbredir itself: bytes of the protocol, and sessions with a guest of our own."""

import random
import struct
import time

import pytest
import usb_devices
import usb_storage
from usbredir import endpoints
from usbredir.packets import Cap, Codec, Kind, ProtocolError, Status, mask
from usbredir.session import CAPS, Session

pytestmark = pytest.mark.usb

ALL = set(Cap)


def pair(ours=ALL, theirs=ALL):
    """Two ends that have said hello."""
    a, b = Codec(set(ours)), Codec(set(theirs))
    hello = a.hello("a")
    list(a.feed(b.hello("b")))
    list(b.feed(hello))
    return a, b


def test_hello():
    said = Codec({Cap.IDS_64BIT, Cap.BULK_LENGTH_32BIT}).hello("me")
    assert said == struct.pack("<III64sI", 0, 68, 0, b"me", 0x60)
    codec = Codec(CAPS)
    (packet,) = codec.feed(said)
    assert packet.kind == Kind.HELLO and codec.version == "me"
    assert codec.agreed == {Cap.IDS_64BIT, Cap.BULK_LENGTH_32BIT}
    # Of one that knows of no capabilities at all.
    codec = Codec(CAPS)
    list(codec.feed(struct.pack("<III64s", 0, 64, 0, b"old")))
    assert codec.agreed == set()


def test_layouts_by_capability():
    a, _ = pair()
    assert a.pack(Kind.RESET, 7) == struct.pack("<IIQ", 3, 0, 7)
    bulk = {"endpoint": 0x81, "status": 6, "length": 0x12345, "stream": 9}
    assert a.pack(Kind.BULK, 1, **bulk) == struct.pack(
        "<IIQBBHIH", 101, 10, 1, 0x81, 6, 0x2345, 9, 1
    )
    old, _ = pair(theirs=())
    assert old.pack(Kind.RESET, 7) == struct.pack("<III", 3, 0, 7)
    assert old.pack(Kind.BULK, 1, **bulk)[:8] == struct.pack("<II", 101, 8)
    device = usb_devices.keyboard("super")
    assert len(endpoints.connect(a, device)) == 16 + 10
    assert len(endpoints.connect(old, device)) == 12 + 8
    assert len(endpoints.info(a, device)) == 16 + 132 + 16 + 96 + 64 + 128
    assert len(endpoints.info(old, device)) == 12 + 132 + 12 + 96
    assert (
        a.pack(
            Kind.CONTROL,
            5,
            b"xy",
            endpoint=0x80,
            request=6,
            type=0x80,
            status=0,
            value=0x100,
            index=2,
            length=18,
        )
        == struct.pack("<IIQ4B3H", 100, 12, 5, 0x80, 6, 0x80, 0, 0x100, 2, 18) + b"xy"
    )


def test_every_kind_goes_through_cut_anywhere():
    rng = random.Random(6)
    for caps in (ALL, set(), CAPS):
        a, b = pair(caps)
        stream, sent = b"", []
        for kind in Kind:
            if kind == Kind.HELLO:
                continue
            names, layout = a._layout(kind)
            fields = dict(zip(names, layout.unpack(rng.randbytes(layout.size)), strict=True))
            fields.pop("length_high", None)
            data = b"data" if kind in (Kind.CONTROL, Kind.BULK) else b""
            stream += a.pack(kind, 77, data, **fields)
            sent.append((kind, fields, data))
        got = []
        while stream:
            n = rng.randrange(1, 40)
            got += b.feed(stream[:n])
            stream = stream[n:]
        assert [(p.kind, p.fields, p.data) for p in got] == sent
        assert all(p.id == 77 for p in got)


@pytest.mark.parametrize(
    "raw",
    [
        struct.pack("<III", 99, 0, 0),
        struct.pack("<III", 0, 1 << 30, 0),
        struct.pack("<III", 3, 0, 0),  # before hello
        struct.pack("<III", 0, 63, 0) + bytes(63),
        struct.pack("<III", 0, 66, 0) + bytes(66),
    ],
)
def test_nonsense_instead_of_hello(raw):
    with pytest.raises(ProtocolError):
        list(Codec(CAPS).feed(raw))


def test_nonsense_after_hello():
    for raw in (
        struct.pack("<IIQ", Kind.HELLO, 64, 0) + bytes(64),
        struct.pack("<IIQ", Kind.RESET, 1, 0) + b"x",
        struct.pack("<IIQ", Kind.SET_CONFIGURATION, 0, 0),
        struct.pack("<IIQ", Kind.CONTROL, 9, 0) + bytes(9),
    ):
        with pytest.raises(ProtocolError):
            list(pair()[1].feed(raw))
    rng = random.Random(1)
    for _ in range(2000):
        codec = pair()[1]
        try:
            for _ in codec.feed(rng.randbytes(rng.randrange(200))):
                pass
        except ProtocolError:
            pass


class Guest:
    """The other end of a Session."""

    def __init__(self, device):
        self.codec = Codec(ALL)
        self.said = []
        self.session = Session(lambda data: self.said.extend(self.codec.feed(data)))
        self.session.feed(self.codec.hello("guest"))
        self.session.plug(device)
        self.device = device

    def ask(self, kind, id=0, data=b"", **fields):
        """What it answers to that."""
        self.said.clear()
        self.session.feed(self.codec.pack(kind, id, data, **fields))
        return [p for p in self.said if p.kind not in (Kind.EP_INFO, Kind.INTERFACE_INFO)]

    def get(self, id=1, length=18, value=0x100):
        return self.ask(
            Kind.CONTROL,
            id,
            endpoint=0x80,
            request=6,
            type=0x80,
            status=0,
            value=value,
            index=0,
            length=length,
        )

    def bulk(self, endpoint, id, length, data=b""):
        return self.ask(Kind.BULK, id, data, endpoint=endpoint, status=0, length=length, stream=0)


def test_connect_tells_speed_and_ids():
    guest = Guest(usb_devices.keyboard("super"))
    kinds = [p.kind for p in guest.said]
    assert kinds == [Kind.HELLO, Kind.INTERFACE_INFO, Kind.EP_INFO, Kind.DEVICE_CONNECT]
    connect, info = guest.said[3], guest.said[2]
    assert (connect.speed, connect.vendor, connect.product) == (3, 0x627, 1)
    assert info.type == b"\0" + b"\xff" * 15 + b"\0" + b"\xff" * 15
    assert guest.said[1].count == 0
    guest.ask(Kind.SET_CONFIGURATION, 3, value=1)
    info = next(p for p in guest.said if p.kind == Kind.EP_INFO)
    n = endpoints.slot(0x81)
    assert (n, info.type[n], info.interval[n]) == (17, 3, 7)
    assert struct.unpack("<32H", info.max_packet)[n] == 8
    (interfaces,) = (p for p in guest.said if p.kind == Kind.INTERFACE_INFO)
    assert interfaces.count == 1 and interfaces.class_[0] == 3
    assert guest.said[-1].fields == {"status": 0, "value": 1}


@pytest.mark.parametrize(
    "fault, status",
    [("stall", Status.STALL), ("long", Status.BABBLE), ("changed", Status.SUCCESS)],
)
def test_faults_of_the_default_pipe(fault, status):
    guest = Guest(usb_devices.keyboard())
    whole = guest.get()[0].data
    guest.device.faults[1] = fault
    (answer,) = guest.get(2)
    assert answer.status == status and answer.length == len(answer.data)
    assert (answer.data == whole) == (fault == "long")
    assert guest.get(3)[0].data == whole


def test_silence_is_cancelled():
    guest = Guest(usb_devices.keyboard())
    guest.device.faults[0] = guest.device.faults[1] = "silent"
    assert guest.get(9) == [] and guest.session.waiting == 1
    (answer,) = guest.ask(Kind.CANCEL_DATA_PACKET, 9)
    assert (answer.kind, answer.id, answer.status) == (Kind.CONTROL, 9, Status.CANCELLED)
    assert guest.ask(Kind.SET_CONFIGURATION, 10, value=1) == []
    (answer,) = guest.ask(Kind.CANCEL_DATA_PACKET, 10)
    assert (answer.kind, answer.status) == (Kind.CONFIGURATION_STATUS, Status.CANCELLED)
    assert guest.ask(Kind.CANCEL_DATA_PACKET, 10) == []  # crossed
    assert guest.session.waiting == 0 and guest.session.cancelled == 3


def test_vanishing():
    guest = Guest(usb_devices.keyboard())
    guest.device.on_vanish = guest.session.unplug
    guest.device.faults[1] = "vanish"
    assert len(guest.get()) == 1
    assert [p.kind for p in guest.get(2)] == [Kind.DEVICE_DISCONNECT]
    assert guest.get(3) == [] and guest.session.waiting == 0  # they cross
    guest.ask(Kind.DEVICE_DISCONNECT_ACK)
    assert guest.session.acknowledged == 1
    guest.session.plug(usb_devices.keyboard())
    assert len(guest.get(4)) == 1


def test_a_disk_and_its_stall():
    guest = Guest(usb_storage.Storage())
    guest.ask(Kind.SET_CONFIGURATION, 1, value=1)
    inquiry = struct.pack("<4sIIBBB16s", b"USBC", 1, 36, 128, 0, 6, b"\x12\0\0\0\x24\0")
    # The answers are awaited before the question is asked.
    assert guest.bulk(0x81, 2, 36) == [] and guest.bulk(0x81, 3, 13) == []
    said = guest.bulk(2, 4, 31, inquiry)
    assert [(p.id, p.status, len(p.data)) for p in said] == [(4, 0, 0), (2, 0, 36), (3, 0, 13)]
    assert guest.session.waiting == 0 and said[0].length == 31
    (said,) = guest.bulk(2, 5, 3, b"abc")
    assert said.status == Status.STALL
    (said,) = guest.bulk(2, 6, 31, inquiry)
    assert said.status == Status.STALL
    guest.ask(Kind.CONTROL, 7, endpoint=0, request=1, type=2, status=0, value=0, index=2, length=0)
    assert guest.bulk(2, 8, 31, inquiry)[0].status == Status.SUCCESS


def test_a_disk_that_vanishes_with_more_under_way():
    device = usb_storage.Storage()
    device.trouble[0] = "vanish"
    guest = Guest(device)
    device.on_vanish = guest.session.unplug
    guest.ask(Kind.SET_CONFIGURATION, 1, value=1)
    inquiry = struct.pack("<4sIIBBB16s", b"USBC", 1, 36, 128, 0, 6, b"\x12\0\0\0\x24\0")
    guest.bulk(0x81, 2, 36)
    said = guest.bulk(2, 3, 31, inquiry) + guest.bulk(2, 4, 31, inquiry)
    assert [p.kind for p in said] == [Kind.DEVICE_DISCONNECT] and not guest.session.waiting


def test_reports_come_by_interval():
    guest = Guest(usb_devices.keyboard("full"))  # every 7 ms
    guest.ask(Kind.SET_CONFIGURATION, 1, value=1)
    for n in range(3):
        guest.device.send(0x81, bytes((n,) * 8))
    said = guest.ask(Kind.START_INTERRUPT_RECEIVING, 2, endpoint=0x81)
    assert [p.kind for p in said] == [Kind.INTERRUPT_RECEIVING_STATUS, Kind.INTERRUPT]
    assert said[1].data == bytes(8) and 0 < guest.session.serve() <= 0.007
    guest.ask(Kind.STOP_INTERRUPT_RECEIVING, 3, endpoint=0x81)
    assert guest.session.serve() is None
    guest.device.halted.add(0x81)
    said = guest.ask(Kind.START_INTERRUPT_RECEIVING, 4, endpoint=0x81)
    assert [p.status for p in said] == [Status.SUCCESS, Status.STALL]


def test_late_reports_are_made_up_for():
    """A thread that gets no CPU for a while does not slow a device down."""
    guest = Guest(usb_devices.keyboard("full"))
    guest.ask(Kind.SET_CONFIGURATION, 1, value=1)
    for n in range(40):
        guest.device.send(0x81, bytes((n,) * 8))
    guest.ask(Kind.START_INTERRUPT_RECEIVING, 2, endpoint=0x81)
    time.sleep(0.05)
    left = [guest.session.serve() for _ in range(20)]
    assert 6 <= left.count(0.0) <= 17 and left[-1] > 0


def test_descriptors_that_are_wrong_are_passed_on():
    rng = random.Random(2)
    whole = usb_devices.tablet().configs[0]
    for _ in range(500):
        device = usb_devices.tablet()
        raw = bytearray(whole)
        for _ in range(rng.randrange(1, 5)):
            raw[rng.randrange(len(raw))] = rng.randrange(256)
        device.configs = [bytes(raw[: rng.randrange(len(raw) + 1)])]
        device.descriptor = device.descriptor[: rng.randrange(19)]
        guest = Guest(device)
        guest.device.value = raw[5]
        guest.session._send(endpoints.info(guest.session.codec, device))
        assert guest.said[-1].kind == Kind.EP_INFO
        assert guest.get(value=0x200, length=255)[0].data == device.configs[0]


def test_mask():
    assert mask({Cap.FILTER, Cap.BULK_STREAMS}) == b"\x05\0\0\0"
