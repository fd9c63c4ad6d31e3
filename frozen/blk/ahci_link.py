"""One port's engine and link: start, stop, reset, what is plugged in (AHCI 1.3.1 §3.3, §10)."""

import errno

from micropython import const

PORT_BYTES = 0x80
_PX_CLB = const(0x00)  # §3.3.1
_PX_FB = const(0x08)  # §3.3.3
_PX_IS = const(0x10)  # §3.3.5 RW1C: write ones, never |=
_PX_IE = const(0x14)  # §3.3.6
# D2H, PIO, DMA setup, set device bits; the link came; it went; overflow; IFS, HBDS, HBFS, TFES.
_IE_ALL = const(0x0000000F | 1 << 6 | 1 << 22 | 1 << 24 | 0xF << 27)
_IE_LINK = const(1 << 6 | 1 << 22)
_PX_CMD = const(0x18)  # §3.3.7
_CMD_ST = const(1 << 0)  # start
_CMD_SUD = const(1 << 1)  # spin up
_CMD_POD = const(1 << 2)  # power on
_CMD_CLO = const(1 << 3)  # override a busy device
_CMD_FRE = const(1 << 4)  # receive FISes
_CMD_FR = const(1 << 14)  # receiving, RO
_CMD_CR = const(1 << 15)  # list running, RO
_CMD_ATAPI = const(1 << 24)
_CMD_ICC = const(0xF << 28)  # power state of the link
_ICC_ACTIVE = const(1 << 28)
_PX_TFD = const(0x20)  # §3.3.8 RO
_TFD_BUSY = const(0x88)  # BSY, DRQ
_PX_SIG = const(0x24)  # §3.3.9 RO
_PX_SSTS = const(0x28)  # §3.3.10 RO
_PX_SCTL = const(0x2C)  # §3.3.11
_DET_NONE = const(0)
_DET_UP = const(3)
_SCTL_RESET = const(1)
_SCTL_NO_LOW_POWER = const(0x300)
_PX_SERR = const(0x30)  # §3.3.12 RW1C
_STOP_US = const(500_000)  # §10.1.2
_CLO_US = const(500_000)
_RESET_US = const(1_000)  # §10.4.2: at least 1 ms
_DETECT_US = const(25_000)  # SATA 3.4 §7.2: COMINIT within 10 ms of COMRESET
_UP_US = const(1_000_000)  # from present to communicating
_READY_US = const(10_000_000)  # a disk that spins up; ATA8-ACS allows more, nobody waits for it

_LIST_BYTES = const(1024)  # §4.2.2
MEMORY_BYTES = 1280 + 33 * 512  # 256 for received FISes; tables of 32 slots and of Port.run()

SIGNATURES = {
    0x00000101: "ata",
    0xEB140101: "atapi",
    0x96690101: "port multiplier",
    0xC33C0101: "enclosure",
}


class Link:
    """regs: mmio.Regs of the port.  memory: where command list, received FISes and tables go.

    clock: the module time.
    clo: the HBA can override a busy device (CAP.SCLO).
    """

    def __init__(self, regs, memory, clock, clo=False):
        self._r = regs
        self._memory = memory
        self.clock = clock
        self._clo = clo

    def stop(self):
        """Stop commands, then receiving; interrupts off.  Raises OSError(ETIMEDOUT)."""
        r = self._r
        r[_PX_IE] = 0
        for enable, running in ((_CMD_ST, _CMD_CR), (_CMD_FRE, _CMD_FR)):
            r.clear(_PX_CMD, enable)
            if not r.wait(_PX_CMD, running, 0, _STOP_US):
                raise OSError(errno.ETIMEDOUT, "%s: PxCMD stays 0x%x" % (r.name, r[_PX_CMD]))

    def end(self):
        """As stop(), by a reset of the link where it takes one (§10.4.2)."""
        try:
            self.stop()
        except OSError:
            self.comreset()
            self.stop()

    def stopped(self):
        """Whether the engine takes no commands, and has ended."""
        return not self._r[_PX_CMD] & (_CMD_ST | _CMD_CR)

    def prepare(self):
        """Power, spin up, give the port its memory and let it receive.  The engine is stopped."""
        r = self._r
        # ICC is cleared with it: what firmware asked for is not asked again.
        r.modify(_PX_CMD, _CMD_ICC, _CMD_POD | _CMD_SUD)
        at = self._memory.phys
        for off, at in ((_PX_CLB, at), (_PX_FB, at + _LIST_BYTES)):
            r[off] = at & 0xFFFFFFFF
            r[off + 4] = at >> 32
        self.clear()
        r.set(_PX_CMD, _CMD_FRE)
        r.modify(_PX_CMD, _CMD_ICC, _ICC_ACTIVE)

    def clear(self):
        """Forget errors and events."""
        self._r[_PX_SERR] = 0xFFFFFFFF
        self._r[_PX_IS] = 0xFFFFFFFF

    def spun_up(self):
        """Whether the port was started before: by firmware, or by us."""
        return bool(self._r[_PX_CMD] & _CMD_SUD)

    def present(self):
        """Whether something is plugged in and talks."""
        return self._r[_PX_SSTS] & 0xF == _DET_UP

    def detect(self, fresh):
        """Wait until a device that is there talks; False: there is none.

        fresh: the link has just been powered or reset, a device has yet to answer.
        """
        r = self._r
        if r[_PX_SSTS] & 0xF == _DET_NONE and not (fresh and self._answers()):
            return False
        return r.wait(_PX_SSTS, 0xF, _DET_UP, _UP_US)

    def _answers(self):
        end = self.clock.ticks_add(self.clock.ticks_us(), _DETECT_US)
        while self._r[_PX_SSTS] & 0xF == _DET_NONE:
            if self.clock.ticks_diff(end, self.clock.ticks_us()) <= 0:
                return False
        return True

    def ready(self, timeout_us=_READY_US):
        """Wait until the device is not busy; False when it stays so, or goes.

        The first FIS of a device puts its status and signature into the registers.
        """
        r = self._r
        ticks, clock = self.clock.ticks_us, self.clock
        end = clock.ticks_add(ticks(), timeout_us)
        while r[_PX_TFD] & _TFD_BUSY or r[_PX_TFD] & 0xFF == 0x7F:
            if not self.present() or clock.ticks_diff(end, ticks()) <= 0:
                return False
            clock.sleep_ms(1)
        return True

    def comreset(self):
        """Reset the link (§10.4.2); whether a device talks then.  The engine is stopped."""
        r = self._r
        r.set(_PX_CMD, _CMD_SUD | _CMD_FRE)
        r[_PX_SCTL] = _SCTL_NO_LOW_POWER | _SCTL_RESET
        self.clock.sleep_us(_RESET_US)
        r[_PX_SCTL] = _SCTL_NO_LOW_POWER
        found = self.detect(True)
        self.clear()
        return found

    def override(self):
        """Make a busy device look idle (§10.4.1); False where the HBA cannot."""
        r = self._r
        if not self._clo:
            return False
        r.set(_PX_CMD, _CMD_CLO)
        return r.wait(_PX_CMD, _CMD_CLO, 0, _CLO_US)

    def busy(self):
        """Whether the device is, by PxTFD."""
        return bool(self._r[_PX_TFD] & _TFD_BUSY)

    def start(self, atapi=False):
        """Take commands, interrupts on.  Raises OSError(EIO) when the device is not ready."""
        r = self._r
        if not self.present() or self.busy():
            raise OSError(
                errno.EIO,
                "%s: PxTFD 0x%x, PxSSTS 0x%x" % (r.name, r[_PX_TFD], r[_PX_SSTS]),
            )
        self.clear()
        if atapi:
            r.set(_PX_CMD, _CMD_ATAPI)
        else:
            r.clear(_PX_CMD, _CMD_ATAPI)
        r.set(_PX_CMD, _CMD_FRE)
        r.set(_PX_CMD, _CMD_ST)
        r[_PX_IE] = _IE_ALL

    def received(self, at):
        """20 bytes of the FIS received at offset `at`: 0x20 PIO setup, 0x40 D2H, 0x58 set bits."""
        at += _LIST_BYTES
        return bytes(memoryview(self._memory)[at : at + 20])

    def watch(self):
        """Of an empty port: interrupt when something is plugged in.  The engine is stopped."""
        self._r.set(_PX_CMD, _CMD_POD | _CMD_SUD)  # a reset of the controller clears them
        self.clear()
        self._r[_PX_IE] = _IE_LINK

    def signature(self):
        """What PxSIG says is there: a text of SIGNATURES, or the number in hex."""
        sig = self._r[_PX_SIG]
        return SIGNATURES.get(sig) or "signature 0x%08x" % sig

    def speed(self):
        """Generation of the link as negotiated: 1 to 3, 0 for none."""
        return self._r[_PX_SSTS] >> 4 & 0xF

    def bring_up(self, fresh):
        """From whatever state to a device that is ready: its kind, or None where there is none.

        fresh: the controller was reset or never started.  Raises OSError(ETIMEDOUT, EIO).
        """
        self.end()
        fresh = not self.spun_up() or fresh
        self.prepare()
        if not self.detect(fresh):
            return None
        if not self.ready() or self._r[_PX_SIG] == 0xFFFFFFFF:
            if not self.comreset():
                return None
            if not self.ready():
                raise OSError(errno.EIO, "%s: PxTFD stays 0x%x" % (self._r.name, self._r[_PX_TFD]))
        return self.signature()
