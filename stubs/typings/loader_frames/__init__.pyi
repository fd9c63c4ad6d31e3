# Made by `inv stubs` from frozen/system/loader_frames.py: do not edit.
"""Requests and replies of esptool's serial protocol, their checks, the codes of refusals.

Serial protocol: docs.espressif.com/projects/esptool, "Serial Protocol".  Beyond it, once the
client has asked for it (loader_registers, CHECK): the checksum of every request is the CRC-32 of
operation, length and data, so that no damaged request passes, and the value of every answer but
READ_REG's is that checksum, so that the client knows what was answered.
"""

from _typeshed import Incomplete

FLASH_BEGIN: int
FLASH_DATA: int
FLASH_END: int
MEM_BEGIN: int
MEM_END: int
MEM_DATA: int
SYNC: int
WRITE_REG: int
READ_REG: int
SPI_SET_PARAMS: int
SPI_ATTACH: int
CHANGE_BAUDRATE: int
FLASH_DEFL_BEGIN: int
FLASH_DEFL_DATA: int
FLASH_DEFL_END: int
SPI_FLASH_MD5: int
GET_SECURITY_INFO: int
ERASE_FLASH: int
ERASE_REGION: int
READ_FLASH: int
RUN_USER_CODE: int
BAD_LENGTH: int
BAD_CHECKSUM: int
BAD_BLOCK_SIZE: int
INVALID: int
FAILED: int
NOT_STARTED: int
INFLATE: int
NOT_ENOUGH: int
TOO_MUCH: int
UNKNOWN: int

class Refused(Exception):
    """A request is not obeyed.  code: of the reply; text: why."""

    code: Incomplete
    text: Incomplete
    def __init__(self, code: Incomplete, text: Incomplete) -> None: ...

class Request:
    """One request.  op; check: its checksum; data, seq: see parse()."""

    op: Incomplete
    check: Incomplete
    data: Incomplete
    seq: int
    def __init__(
        self, op: Incomplete, check: Incomplete, data: Incomplete, seq: int = 0
    ) -> None: ...
    def words(self, least: Incomplete) -> Incomplete:
        """The little-endian words of data.  Raises Refused when there are fewer."""

def checksum(data: Incomplete) -> Incomplete:
    """XOR of the bytes and 0xEF: folded in halves, each a long integer."""

def parse(frame: Incomplete, strict: Incomplete) -> Request | None:
    """The Request in a frame, or None where it is none.

    data: for the data operations without their head, which has seq.  strict: the checksum is the
    CRC-32.  Raises Refused for a damaged one, with .op of it.
    """

def reply(op: Incomplete, value: int = 0, data: bytes = b"", code: int = 0) -> Incomplete:
    """A reply: 0 or a code of refusal, a word, data of operations that give some."""
