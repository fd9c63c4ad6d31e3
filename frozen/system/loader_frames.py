"""Requests and replies of esptool's serial protocol, their checks, the codes of refusals.

Serial protocol: docs.espressif.com/projects/esptool, "Serial Protocol".  Beyond it, once the
client has asked for it (loader_registers, CHECK): the checksum of every request is the CRC-32 of
operation, length and data, so that no damaged request passes, and the value of every answer but
READ_REG's is that checksum, so that the client knows what was answered.
"""

import struct
from binascii import crc32

from micropython import const

FLASH_BEGIN = const(0x02)
FLASH_DATA = const(0x03)
FLASH_END = const(0x04)
MEM_BEGIN = const(0x05)
MEM_END = const(0x06)
MEM_DATA = const(0x07)
SYNC = const(0x08)
WRITE_REG = const(0x09)
READ_REG = const(0x0A)
SPI_SET_PARAMS = const(0x0B)
SPI_ATTACH = const(0x0D)
CHANGE_BAUDRATE = const(0x0F)
FLASH_DEFL_BEGIN = const(0x10)
FLASH_DEFL_DATA = const(0x11)
FLASH_DEFL_END = const(0x12)
SPI_FLASH_MD5 = const(0x13)
GET_SECURITY_INFO = const(0x14)
ERASE_FLASH = const(0xD0)
ERASE_REGION = const(0xD1)
READ_FLASH = const(0xD2)
RUN_USER_CODE = const(0xD3)

# Codes of the flasher stub, high byte first; INVALID also the ROM's for what it does not know.
BAD_LENGTH = const(0xC000)
BAD_CHECKSUM = const(0xC100)
BAD_BLOCK_SIZE = const(0xC200)
INVALID = const(0xC300)
FAILED = const(0xC400)
NOT_STARTED = const(0xC600)
INFLATE = const(0xC700)
NOT_ENOUGH = const(0xC800)
TOO_MUCH = const(0xC900)
UNKNOWN = const(0xFF00)

_HEAD = const(8)
_SYNC_DATA = b"\x07\x07\x12\x20" + b"\x55" * 32  # comes before anybody has agreed on anything
_SEED = const(0xEF)
_DATA = (FLASH_DATA, FLASH_DEFL_DATA, MEM_DATA)
_DATA_HEAD = const(16)  # length, sequence number, two reserved words


class Refused(Exception):
    """A request is not obeyed.  code: of the reply; text: why."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code
        self.text = text


class Request:
    """One request.  op; check: its checksum; data, seq: see parse()."""

    def __init__(self, op, check, data, seq=0):
        self.op = op
        self.check = check
        self.data = data
        self.seq = seq

    def words(self, least):
        """The little-endian words of data.  Raises Refused when there are fewer."""
        n = len(self.data) // 4
        if n < least:
            raise Refused(BAD_LENGTH, "%d bytes of arguments" % len(self.data))
        return struct.unpack("<%dI" % n, self.data[: 4 * n])


def checksum(data):
    """XOR of the bytes and 0xEF: folded in halves, each a long integer."""
    n = 1
    while n < len(data):
        n *= 2
    value = int.from_bytes(data, "little")
    while n > 1:
        n //= 2
        value = (value >> 8 * n) ^ (value & ((1 << 8 * n) - 1))
    return value ^ _SEED


def parse(frame, strict):
    """The Request in a frame, or None where it is none.

    data: for the data operations without their head, which has seq.  strict: the checksum is the
    CRC-32.  Raises Refused for a damaged one, with .op of it.
    """
    if len(frame) < _HEAD or frame[0] != 0:
        return None
    _, op, length, check = struct.unpack("<BBHI", frame[:_HEAD])
    try:
        data = frame[_HEAD:]
        if length != len(data):
            raise Refused(BAD_LENGTH, "a frame of %d bytes says %d" % (len(data), length))
        if strict and (op != SYNC or data != _SYNC_DATA):
            if crc32(data, crc32(frame[1:4])) & 0xFFFFFFFF != check:
                raise Refused(BAD_CHECKSUM, "CRC-32 of a request")
        if op not in _DATA:
            return Request(op, check, data)
        if length < _DATA_HEAD:
            raise Refused(BAD_LENGTH, "%d bytes of data" % length)
        size, seq = struct.unpack("<II", data[:8])
        data = data[_DATA_HEAD:]
        if size != len(data):
            raise Refused(BAD_LENGTH, "%d bytes of data say %d" % (len(data), size))
        if not strict and checksum(data) != check:
            raise Refused(BAD_CHECKSUM, "checksum of block %d" % seq)
        return Request(op, check, data, seq)
    except Refused as why:
        why.op = op
        raise


def reply(op, value=0, data=b"", code=0):
    """A reply: 0 or a code of refusal, a word, data of operations that give some."""
    status = struct.pack(">H", code)
    return struct.pack("<BBHI", 1, op, len(data) + 2, value) + data + status
