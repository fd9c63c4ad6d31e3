"""Takes disk images and firmware over the serial line: esptool's protocol, with our own chip id.

machine.bootloader() runs it.  The line is the protocol's alone until a client says RUN_USER_CODE
or a person presses Ctrl-C three times.
"""

import struct
import sys

import loaderc
from micropython import const

import loader_frames as lf
from loader_download import Download, Load, Numbered, inflated
from loader_frames import Refused
from loader_media import DISK, ESP, PARTITION, ROOT, Medium, Writer
from loader_registers import END, Registers
from loader_slip import Decoder, packed

CHIP_ID = const(0x5059)  # "YP"; Espressif counts from 0
_IDLE_MS = const(100)
_STILL_MS = const(3000)  # a request that stands still for so long does not go on
_ACK_MS = const(3000)  # esptool's own timeout
_SYNC_REPLIES = const(8)  # a client reads that many
_LEAVE = b"\x03\x03\x03"
_MASK = const(0xFFFFFFFF)


class _Left(BaseException):
    """The mode ends."""


class Loader:
    """Serves one line.

    line: read(ms) -> bytes, b"" after that time; write(bytes).  media: [Medium, …].  memory:
    read32(at), write32(at, value), write(at, data), which raise OSError.  boot: load(elf), which
    raises ValueError with the reason, and start(), which does not return.
    """

    def __init__(self, line, media, memory, boot):
        self._line = line
        self._memory = memory
        self._boot = boot
        self._decoder = Decoder()
        self._registers = Registers(media)
        self._waiting = None  # a request that ended what was under way
        self._echo = 0  # checksum of the request that is being served
        self._download = None
        self._load = None
        self._start = False
        self._handlers = {
            lf.SYNC: self._sync,
            lf.GET_SECURITY_INFO: self._security_info,
            lf.READ_REG: self._read_register,
            lf.WRITE_REG: self._write_register,
            lf.SPI_SET_PARAMS: self._nothing,
            lf.SPI_ATTACH: self._nothing,
            lf.CHANGE_BAUDRATE: self._nothing,
            lf.FLASH_BEGIN: self._flash_begin,
            lf.FLASH_DATA: self._flash_data,
            lf.FLASH_END: self._flash_end,
            lf.FLASH_DEFL_BEGIN: self._flash_begin,
            lf.FLASH_DEFL_DATA: self._flash_data,
            lf.FLASH_DEFL_END: self._flash_end,
            lf.SPI_FLASH_MD5: self._digest,
            lf.READ_FLASH: self._read_flash,
            lf.ERASE_FLASH: self._erase,
            lf.ERASE_REGION: self._erase,
            lf.MEM_BEGIN: self._mem_begin,
            lf.MEM_DATA: self._mem_data,
            lf.MEM_END: self._mem_end,
            lf.RUN_USER_CODE: self._leave,
        }

    def run(self):
        """Serve until the client leaves."""
        try:
            while True:
                try:
                    self._serve(self._request())
                except MemoryError:  # the request is lost, as one that a bad line took
                    self._decoder.reset()
                    self._load = None  # its image may be what takes the room
        except _Left:
            pass
        if self._start:
            self._boot.start()

    def _serve(self, request):
        handler = self._handlers.get(request.op)
        try:
            if handler is None:
                raise Refused(lf.UNKNOWN, "no operation 0x%02x" % request.op)
            handler(request)
        except Refused as why:
            self._refuse(request.op, why)
        except Exception as why:  # whatever it is, the line stays the protocol's
            self._refuse(request.op, Refused(lf.FAILED, "%s: %s" % (type(why).__name__, why)))

    # ---- the line

    def _frame(self, ms):
        """The next frame, or None when nothing comes for so long."""
        while True:
            frame = self._decoder.next()
            if frame is not None:
                return frame
            data = self._line.read(ms)
            if not data:
                return None
            self._decoder.feed(data)

    def _request(self):
        """The next request.  Raises _Left when somebody presses Ctrl-C three times."""
        request, self._waiting = self._waiting, None
        while request is None:
            frame = self._frame(_IDLE_MS)
            if frame is None:
                self._silence()
                continue
            try:
                request = lf.parse(frame, self._registers.strict)
            except Refused as why:
                self._echo = 0
                self._refuse(why.op, why)
        self._echo = request.check
        return request

    def _silence(self):
        """Nothing came for a while.  Raises _Left behind Ctrl-C, three times."""
        rest = self._decoder.open
        if rest[:1] == b"\0":  # the begin of a request, whose data are no keys
            more = self._line.read(_STILL_MS)
            if more:
                self._decoder.feed(more)
            else:
                self._decoder.reset()
        elif rest.endswith(_LEAVE):
            raise _Left

    def _send(self, data):
        self._line.write(packed(data))

    def _answer(self, op, value=None, data=b""):
        if value is None:
            value = self._echo if self._registers.strict else 0
        self._send(lf.reply(op, value, data))

    def _refuse(self, op, why):
        self._registers.reason = why.text
        echo = self._echo if self._registers.strict else 0
        self._send(lf.reply(op, echo, b"", why.code))

    # ---- who is there

    def _sync(self, request):
        self._registers.reset()
        self._download = self._load = None
        self._line.write(packed(lf.reply(lf.SYNC)) * _SYNC_REPLIES)

    def _security_info(self, request):
        self._answer(request.op, None, struct.pack("<I8xII", 0, CHIP_ID, 0))

    def _nothing(self, request):
        self._answer(request.op)

    def _read_register(self, request):
        at = request.words(1)[0]
        value = self._registers.read(at) if at < END else self._memory.read32(at)
        self._answer(request.op, value)

    def _write_register(self, request):
        at, value, mask = request.words(3)[:3]
        if at < END:
            self._registers.write(at, value, mask)
        else:
            if mask != _MASK:
                value = self._memory.read32(at) & ~mask | value & mask
            self._memory.write32(at, value)
        self._answer(request.op)

    # ---- media

    def _place(self, at):
        """(medium, byte of it) of an address."""
        return self._registers.medium, self._registers.window + at

    def _flash_begin(self, request):
        size, count, block, at = request.words(4)[:4]
        deflated = request.op == lf.FLASH_DEFL_BEGIN
        self._download = None
        numbered = Numbered(count, block)
        download = Download(Writer(*self._place(at), size))
        self._answer(request.op)
        self._download = download
        if size:
            data = lf.FLASH_DEFL_DATA if deflated else lf.FLASH_DATA
            download.run(self._blocks(data, numbered), deflated)

    def _blocks(self, op, numbered):
        """The data of blocks, as they come, until something else comes."""
        while True:
            request = self._request()
            if request.op != op:
                self._waiting = request
                return
            try:
                new = numbered.accept(request)
            except Refused as why:
                self._refuse(op, why)
                continue
            self._answer(op)
            if new:
                yield request.data

    def _flash_data(self, request):
        if self._download and self._download.failed:
            raise self._download.failed
        raise Refused(lf.NOT_STARTED, "a block without a begin")

    def _flash_end(self, request):
        stay = request.words(1)[0]
        if self._download:
            self._download.check()
            self._registers.medium.flush()
            self._download = None
        self._answer(request.op)
        if not stay:
            raise _Left

    def _digest(self, request):
        at, size = request.words(2)[:2]
        medium, at = self._place(at)
        self._answer(request.op, None, medium.digest(at, size))

    def _read_flash(self, request):
        at, size, block, ahead = request.words(4)[:4]
        medium, at = self._place(at)
        medium.check(at, size)
        if not 0 < block <= 65536 or not ahead:
            raise Refused(lf.BAD_BLOCK_SIZE, "pieces of %d bytes, %d ahead" % (block, ahead))
        self._answer(request.op)
        total = loaderc.md5()
        sent = acknowledged = 0
        while sent < size:
            while sent - acknowledged >= ahead * block:
                acknowledged = self._acknowledged()
                if acknowledged is None:
                    return
            data = medium.read(at + sent, min(block, size - sent))
            total.update(data)
            self._send(data)
            sent += len(data)
        while acknowledged < size:
            acknowledged = self._acknowledged()
            if acknowledged is None:
                return
        self._send(total.digest())

    def _acknowledged(self):
        """How much the client says that it has; None when it says something else, or nothing."""
        frame = self._frame(_ACK_MS)
        if frame is None:
            return None
        if len(frame) == 4:
            return struct.unpack("<I", frame)[0]
        try:
            self._waiting = lf.parse(frame, self._registers.strict)
        except Refused as why:
            self._refuse(why.op, why)
        return None

    def _erase(self, request):
        medium = self._registers.medium
        at, size = 0, medium.size
        if request.op == lf.ERASE_REGION:
            at, size = request.words(2)[:2]
            medium, at = self._place(at)
        medium.zero(at, size)
        medium.flush()
        self._answer(request.op)

    # ---- memory

    def _mem_begin(self, request):
        self._load = None
        self._load = Load(self._memory, *request.words(4)[:4])
        self._answer(request.op)

    def _mem_data(self, request):
        if not self._load:
            raise Refused(lf.NOT_STARTED, "a block without a begin")
        self._load.take(request)
        self._answer(request.op)

    def _mem_end(self, request):
        stay = request.words(2)[0]
        if not stay:
            if not self._load or self._load.image is None:
                raise Refused(lf.NOT_STARTED, "no firmware was loaded to address 0")
            self._load.check()
            try:
                self._boot.load(inflated(self._load.image))
            except ValueError as why:
                raise Refused(lf.FAILED, "this firmware cannot be started: %s" % why)
        self._answer(request.op)
        if not stay:
            self._start = True
            raise _Left

    def _leave(self, request):
        self._answer(request.op)
        raise _Left


class _Line:
    """The console's UART."""

    def __init__(self, uart):
        self._uart = uart
        self.write = uart.write

    def read(self, ms):
        uart = self._uart
        n = uart.any()
        if n:
            return uart.read(n)
        uart.init(timeout=ms)
        first = uart.read(1)
        uart.init(timeout=0)
        return first or b""


class _Memory:
    """The machine's memory and registers, any address."""

    def __init__(self):
        import machine
        import rawmem

        self._words = machine.mem32
        self.write = rawmem.write

    def read32(self, at):
        return self._words[at]

    def write32(self, at, value):
        self._words[at] = value


class _Boot:
    """The module boot, from which nothing that this firmware let do DMA goes on into the next."""

    def __init__(self, boot):
        self.load = boot.load
        self._start = boot.start

    def start(self):
        pci = sys.modules.get("pci")
        for function in pci.scan() if pci else ():
            function.enable(memory=None, master=False)
        self._start()


def media():
    """[Medium, …]: each disk and its partitions, everything unmounted before."""
    import boot
    import klog

    import ahci
    import mounts

    mounts.stop()
    words = mounts.options(boot.cmdline())
    try:
        disks = ahci.disks()
        found = [mounts.volumes(disk) for disk in disks]
        every = [volume for group in found for volume in group]
        root = mounts.find_root(every, words.get("root", ""))
        esp = mounts.find_esp(found, root)
    except Exception as why:  # whatever is wrong with the disks, firmware can be loaded
        klog.log(klog.ERROR, "loader: %s: %s" % (type(why).__name__, why))
        return []
    out = []
    for disk, group in zip(disks, found):
        if disk not in group:
            out.append(Medium(disk, DISK))
        for volume in group:
            other = DISK if volume is disk else PARTITION
            kind = ROOT if volume is root else ESP if volume is esp else other
            out.append(Medium(volume, kind))
    return out


def run(*_):
    """Serve the console's line; machine.bootloader() calls this."""
    import boot
    import machine

    Loader(_Line(machine.UART(0)), media(), _Memory(), _Boot(boot)).run()
