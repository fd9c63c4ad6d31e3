# SPDX-License-Identifier: GPL-2.0-or-later
"""Our serial loader as a class of esptool's.

The loader speaks as esptool's flasher stub does, so that everything of esptool.cmds that writes,
reads and compares flash works on a medium of the target; no chip of Espressif is imitated.
"""

import struct
import zlib
from typing import Any, ClassVar, NamedTuple

from esptool.loader import WRITE_BLOCK_ATTEMPTS, ESPLoader
from esptool.util import FatalError

from ..vm.config import Unfit
from .errors import LINE_ERRORS, told
from .port import WirePort

# As in frozen/system/loader.py and loader_registers.py.
CHIP_ID = 0x5059
MAGIC = 0x58525950
_VERSION = 1
_MAGIC_REG, _VERSION_REG, _CHECK, _MEDIA, _MEDIUM = 0x00, 0x04, 0x08, 0x0C, 0x10
_KIND, _SIZE_LO, _SIZE_HI, _BLOCK, _WINDOW_LO, _WINDOW_HI = 0x14, 0x18, 0x1C, 0x20, 0x24, 0x28
_NAME, _NAME_LEN = 0x40, 0x40
_REASON, _REASON_LEN = 0x80, 0x80
_READ_ONLY = 1 << 8
_ANSWER_S = 8.0  # an emulated machine may get little of a busy host
_SYNC_S = 1.0  # of one; esptool gives a chip 0.1
_LATE = 16  # answers to earlier requests that may come first
KINDS = ("disk", "esp", "root", "partition")


class Medium(NamedTuple):
    """A disk or partition of the target; size in bytes."""

    index: int
    name: str
    kind: str
    size: int
    block: int
    read_only: bool


class _Frames:
    """SLIP frames from a port.  next() raises FatalError when none comes, and goes on later.

    answers: only whole ones of those are given; what the line has damaged did not come.
    """

    def __init__(self, port: WirePort):
        self._port = port
        self._rest = b""
        self.answers = False

    def rest(self) -> bytes:
        """What has come and is no frame yet; it is forgotten."""
        rest, self._rest = self._rest, b""
        return rest

    def __next__(self) -> bytes:
        while True:
            head, _, frame = self._rest.partition(b"\xc0")
            frame, end, rest = frame.partition(b"\xc0")
            if end:
                if frame and not head:
                    self._rest = rest
                    frame = frame.replace(b"\xdb\xdc", b"\xc0").replace(b"\xdb\xdd", b"\xdb")
                    if self.answers and not _is_answer(frame):
                        continue
                    return frame
                self._rest = end + rest  # that was the end of a frame whose begin was lost
                continue
            data = self._port.read(self._port.in_waiting or 1)
            if not data:
                silent = "fell silent within a frame" if self._rest else "does not answer"
                self._rest = b""
                raise FatalError(f"the target {silent}")
            self._rest += data


def _is_answer(frame: bytes) -> bool:
    """Whether a frame is as long as it says, with a status at its end."""
    return len(frame) >= 10 and int.from_bytes(frame[2:4], "little") == len(frame) - 8


class Target(ESPLoader):
    """A Pyrallax machine in its serial loader, behind a WirePort."""

    CHIP_NAME = "Pyrallax"
    IMAGE_CHIP_ID = CHIP_ID
    USES_MAGIC_VALUE = False
    IS_STUB = True  # exact sizes, no address is moved, no padding before the data
    STUB_CLASS = None
    FLASH_WRITE_SIZE = 0x4000
    ESP_RAM_BLOCK = 0x4000
    FLASH_SIZES: ClassVar[dict[str, int]] = {}
    BOOTLOADER_FLASH_OFFSET = -1  # no header of an image is ever patched
    MEMORY_MAP: ClassVar[list[Any]] = []
    WRITE_FLASH_ATTEMPTS = 1  # a line that is gone is the user's to mend; the next run resumes

    def __init__(self, port: WirePort):
        self.strict = False
        self.ours = False  # open() has seen that it is no foreign chip
        self.changed = False  # something of a write has begun
        super().__init__(port)
        self._slip_reader = _Frames(port)

    # ---- the protocol

    def command(self, op=None, data=b"", chk=0, wait_response=True, timeout=3):
        """As ESPLoader's, with the CRC-32 of the request for its checksum once that is agreed.

        The target gives it back, so that no late answer is taken for that to another request.
        """
        if op == self.ESP_CMDS["SYNC"]:
            timeout = _SYNC_S
        if not self.strict or op is None:
            return self._exchange(op, data, chk, wait_response, timeout)
        self.flush_input()
        timeout = max(timeout, _ANSWER_S)
        chk = zlib.crc32(data, zlib.crc32(struct.pack("<BH", op, len(data))))
        value, out = self._exchange(op, data, chk, wait_response, timeout)
        for _ in range(_LATE):
            refused = value == 0 and out[-2:] != b"\0\0"
            if value == chk or refused or op == self.ESP_CMDS["READ_REG"]:
                return value, out
            value, out = self._exchange(timeout=timeout)
        raise FatalError("the target answers something else")

    def _exchange(self, *args, **kwargs):
        self._slip_reader.answers = True
        try:
            return super().command(*args, **kwargs)
        finally:
            self._slip_reader.answers = False

    @staticmethod
    def checksum(data, state=ESPLoader.ESP_CHECKSUM_MAGIC):
        """Nothing: command() puts the CRC-32 in its place."""
        return 0

    def write(self, packet):
        """As ESPLoader's, without the text of its trace, which costs more than the line."""
        self._port.write(
            b"\xc0" + packet.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc") + b"\xc0"
        )

    def flush_input(self):
        """As ESPLoader's, with a reader that takes frames apart in one piece."""
        self._port.reset_input_buffer()
        self._slip_reader = _Frames(self._port)

    def mem_begin(self, size, blocks, blocksize, offset):
        """As ESPLoader's, which would compare the range with a stub's."""
        self.check_command(
            "load to memory",
            self.ESP_CMDS["MEM_BEGIN"],
            struct.pack("<IIII", size, blocks, blocksize, offset),
        )

    def mem_block(self, data, seq):
        """As ESPLoader's, but tried again, as it does with blocks of flash."""
        for left in range(WRITE_BLOCK_ATTEMPTS - 1, -1, -1):
            try:
                return super().mem_block(data, seq)
            except FatalError:
                if not left:
                    raise

    def open(self) -> None:
        """Meet the loader.  Raises Unfit where something else answers, or nothing."""
        where = self._port.name
        try:
            self.connect("no-reset", attempts=1, detecting=True, warnings=False)
        except LINE_ERRORS:
            raise Unfit(
                f"{where}: neither the prompt nor the serial loader answers; is the machine up, "
                "and the line free?"
            ) from None
        try:
            chip = self.get_chip_id()
        except LINE_ERRORS:
            chip = None
        with told(self.reason, where):
            if chip != CHIP_ID or self.read_reg(_MAGIC_REG) != MAGIC:
                what = "an unknown chip" if chip is None else f"chip id {chip}"
                raise Unfit(
                    f"{where}: this is {what}, not a Pyrallax machine: nothing was written"
                )
            self.ours = True
            version = self.read_reg(_VERSION_REG)
            if version != _VERSION:
                raise Unfit(
                    f"{where}: the target's loader has version {version}, this tool knows "
                    f"{_VERSION}: bring the older one up to date"
                )
            self.write_reg(_CHECK, 1)
        self.strict = True

    def leave(self) -> None:
        """Back to the target's prompt."""
        self.check_command("leave the loader", self.ESP_CMDS["RUN_USER_CODE"])
        self.release()

    def retreat(self) -> None:
        """leave(), as far as the line allows, and whether or not it has agreed on the CRC-32."""
        for strict in (False, True)[self.strict :]:
            self.strict = strict
            try:
                return self.leave()
            except LINE_ERRORS:
                pass

    def release(self) -> None:
        """What came behind the last answer is the next reader's: it is a prompt."""
        self._port.give_back(self._slip_reader.rest())

    def reason(self) -> str:
        """Why the target refused the last request, or ""."""
        try:
            return self._text(_REASON, _REASON_LEN)
        except LINE_ERRORS:
            return ""

    def _text(self, at: int, length: int) -> str:
        data = b""
        while len(data) < length and b"\0" not in data:
            data += struct.pack("<I", self.read_reg(at + len(data)))
        return data.split(b"\0")[0].decode("utf-8", "replace")

    # ---- media

    def media(self) -> list[Medium]:
        """Every disk and partition.  Raises Unfit."""
        with told(self.reason, "asking for the target's disks"):
            return [self._medium(index) for index in range(self.read_reg(_MEDIA))]

    def _medium(self, index: int) -> Medium:
        self.write_reg(_MEDIUM, index)
        kind = self.read_reg(_KIND)
        size = self.read_reg(_SIZE_LO) | self.read_reg(_SIZE_HI) << 32
        name = self._text(_NAME, _NAME_LEN)
        block = self.read_reg(_BLOCK)
        if kind & 0xFF >= len(KINDS):
            raise FatalError("the target answers something else")
        return Medium(index, name, KINDS[kind & 0xFF], size, block, bool(kind & _READ_ONLY))

    def select(self, medium: Medium) -> None:
        """The flash operations mean this medium from now on."""
        self.write_reg(_MEDIUM, medium.index)

    def window(self, at: int) -> None:
        """Address 0 of the flash operations is byte `at` of the medium from now on."""
        self.write_reg(_WINDOW_LO, at & 0xFFFFFFFF)
        self.write_reg(_WINDOW_HI, at >> 32)

    # ---- what esptool.cmds asks of a chip

    def run_stub(self, stub=None):
        """There is none to upload.  esptool clears IS_STUB before it asks again."""
        self.IS_STUB = True
        return self

    def flash_id(self, cache=True):
        """No flash chip: a size that esptool does not know, and so leaves alone."""
        return 0

    def get_erase_size(self, offset, size):
        """Nothing is erased; the target wants the exact size."""
        return size

    def get_usb_vid_pid(self):
        """Of no use: the target cannot be reset by the line."""
        return None, None

    def hard_reset(self, uses_usb=False):
        """No control line reaches a virtual machine: back to its prompt."""
        self.leave()

    def read_mac(self, mac_type="BASE_MAC"):
        """It has none here."""
        return None

    def get_chip_description(self):
        """For esptool's banner."""
        return "Pyrallax virtual machine"

    def get_chip_features(self):
        """For esptool's banner."""
        return []

    def change_baud(self, baud):
        """An emulated UART has no rate."""
