"""A scripted disk: bulk-only transport (BOT 1.0), SCSI as much as a disk driver asks for."""

import struct

from usb_devices import (
    BOS_SUPER,
    Device,
    Stall,
    companion,
    configuration,
    device_descriptor,
    endpoint,
    interface,
)

_IN, _OUT = 0x81, 0x02


class Storage(Device):
    """data: what it holds.  commands: the CDBs that came.

    trouble: {number of the command: what}: "stall-command", "stall-data", "stall-status",
    "silent" (before the data), "silent-data" (it takes or gives none), "silent-status", "short"
    (half of the data), "phase" (error in the CSW), "tag" (another's CSW), "signature", "residue"
    (one byte was not processed), "only-status" (the CSW where the data belongs), "empty" (an empty
    packet before the CSW), "fail" (with sense), "attention" (unit attention, once), "vanish".
    sense: (key, code, qualifier) of "fail"; deferred: it is of a command before that.
    stopped: what reads and writes fail with, until START UNIT; start: senses of the next ones.
    answers: {operation code: bytes} in place of its own.
    mangle(kind, bytes): what goes out in place of that "data" or "status".
    """

    def __init__(self, blocks=2048, block_size=512, speed="high", luns=1, protocol=0x50):
        self.data = bytearray(blocks * block_size)
        self.block_size = block_size
        self.luns = luns
        self.commands = []
        self.trouble = {}
        self.answers = {}
        self.mangle = lambda kind, raw: raw
        self.ready = []  # sense of the next TEST UNIT READYs
        self.kind = b"\x00\x80"  # of INQUIRY: device type, removable
        self.sense = (3, 0x11, 0)
        self.deferred = False
        self.stopped = None
        self.start = []
        self.read_only = False
        self.resets = 0
        self._stage = "command"
        self._say = (0, 0, 0)
        size = {"full": 64, "high": 512, "super": 1024}[speed]
        more = companion(15) if speed == "super" else b""
        body = interface(
            0, 8, 6, protocol, endpoint(_IN, 2, size) + more, endpoint(_OUT, 2, size) + more
        )
        super().__init__(
            speed,
            device_descriptor(0x46F4, 1, speed),
            [configuration(body)],
            {1: "QEMU", 2: "QEMU USB HARDDRIVE", 3: "1-0000:00:03.0"},
            BOS_SUPER if speed == "super" else b"",
        )

    @property
    def blocks(self):
        return len(self.data) // self.block_size

    def reset(self):
        super().reset()
        self._stage = "command"

    def class_request(self, kind, request, value, index, length, data):
        if (kind, request) == (0xA1, 0xFE):
            if self.luns == 1:
                raise Stall  # as many do
            return bytes((self.luns - 1,))
        if (kind, request) == (0x21, 0xFF):
            self.resets += 1
            self._stage = "command"
            return b""
        raise Stall

    # ---- bulk-only

    def data_out(self, endpoint, data):
        if self._stage == "command":
            return self._command(data)
        if self._stage == "out":
            return self._data(data)
        self._halt(_OUT)

    def _halt(self, endpoint):
        self.halted.add(endpoint)
        raise Stall

    def _command(self, data):
        if len(data) != 31 or data[:4] != b"USBC":
            self._halt(_OUT)
        _, self._tag, self._asked, flags, self.lun, n = struct.unpack("<4sIIBBB", data[:15])
        cdb = bytes(data[15 : 15 + (n & 31)])
        self._fault = self.trouble.get(len(self.commands))
        self.commands.append(cdb)
        if self._fault == "silent":
            self._stage = "silent"
            return 31
        if self._fault == "stall-command":
            self._halt(_OUT)
        if self._fault == "vanish":
            self.on_vanish()
            return None
        self._status = 0
        self._out = b""
        self._moved = 0
        self._target = None
        if self._fault == "fail":
            self._say, self._status = self.sense, 1
        elif self._fault == "attention":
            self._say, self._status = (6, 0x28, 0), 1
        else:
            self._scsi(cdb)
        self._out = self.mangle("data", self.answers.get(cdb[0], self._out))[: self._asked]
        if self._fault == "short":
            self._out = self._out[: len(self._out) // 2]
        if not self._asked:
            self._stage = "status"
        elif flags & 128:
            self._stage = "in"
        else:
            self._stage = "out"
        return 31

    def _data(self, data):
        if self._fault == "silent-data":
            return None
        if self._fault == "stall-data" or self._target is None:
            self._stage = "status"
            self._halt(_OUT)
        at = self._target + self._moved
        self.data[at : at + len(data)] = data
        self._moved += len(data)
        if self._moved >= self._asked:
            self._stage = "status"
        return len(data)

    def data_in(self, endpoint, length):
        if self._stage == "in":
            if self._fault == "silent-data":
                return None
            if self._fault == "only-status":
                self._stage = "status"
                return self.data_in(endpoint, length)
            if self._fault == "stall-data" or self._status and not self._out:
                self._stage = "status"
                self._halt(_IN)
            part = self._out[self._moved : self._moved + length]
            self._moved += len(part)
            if self._moved >= len(self._out) and (
                self._moved >= self._asked or len(part) < length
            ):
                self._stage = "status"
            return part
        if self._stage != "status":
            return None
        if self._fault == "silent-status":
            return None
        if self._fault == "stall-status":
            self._fault = None
            self._halt(_IN)
        if self._fault == "empty":
            self._fault = None
            return b""
        self._stage = "command"
        tag = self._tag + (self._fault == "tag")
        status = 2 if self._fault == "phase" else self._status
        head = b"USBX" if self._fault == "signature" else b"USBS"
        residue = self._asked - self._moved + (self._fault == "residue")
        csw = struct.pack("<4sIIB", head, tag & 0xFFFFFFFF, residue, status)
        return self.mangle("status", csw)[:length]

    # ---- SCSI (SPC-4, SBC-3)

    def _fail(self, *sense):
        self._say, self._status = sense, 1

    def _scsi(self, cdb):
        op = cdb[0]
        if op == 0x00 and self.ready:
            self._fail(*self.ready.pop(0))
        elif op == 0x1B:
            sense = self.start.pop(0) if self.start else (0, 0, 0)
            if sense[0]:
                self._fail(*sense)
            if sense[0] in (0, 6):  # told something, and started
                self.stopped = None
        elif self.stopped and op in (0x28, 0x2A):
            self._fail(*self.stopped)
        elif op == 0x00 or op == 0x35 or op == 0x1E:
            return
        elif op == 0x03:
            key, code, qualifier = self._say
            self._say = (0, 0, 0)
            tail = bytes((0, 0, 0, 0, 0, 10, 0, 0, 0, 0, code, qualifier))
            self._out = b"\x71\x00" if self.deferred else b"\x70\x00"
            self._out = (self._out + bytes((key,)) + tail[1:] + bytes(4))[:18]
        elif op == 0x12:
            self._out = self.kind + b"\x05\x02\x1f\0\0\0" + b"QEMU    QEMU HARDDISK   2.5+"
        elif op == 0x25:
            last = min(self.blocks - 1, 0xFFFFFFFF)
            self._out = struct.pack(">II", last, self.block_size)
        elif op == 0x9E:
            self._out = struct.pack(">QI", self.blocks - 1, self.block_size) + bytes(20)
        elif op == 0x1A:
            self._out = b"\x03\x00" + (b"\x80" if self.read_only else b"\x00") + b"\x00"
        elif op in (0x28, 0x2A):
            lba, _, count = struct.unpack(">IBH", cdb[2:9])
            self._move(op == 0x2A, lba, count)
        elif op in (0x88, 0x8A):
            self._move(op == 0x8A, *struct.unpack(">QI", cdb[2:14]))
        else:
            self._fail(5, 0x20, 0)

    def _move(self, write, lba, count):
        if lba + count > self.blocks:
            self._fail(5, 0x21, 0)
        elif write and self.read_only:
            self._fail(7, 0x27, 0)
        elif write:
            self._target = lba * self.block_size
        else:
            at = lba * self.block_size
            self._out = bytes(self.data[at : at + count * self.block_size])
