"""An xHCI controller's reset and start (xHCI 1.2 §4.2), and the memory that is its for good."""

import errno
import struct

import dma
from micropython import const

from xhci_caps import Caps

_USBCMD = const(0x00)  # §5.4.1
_CMD_RS = const(1 << 0)
_CMD_HCRST = const(1 << 1)
_CMD_INTE = const(1 << 2)
_USBSTS = const(0x04)  # §5.4.2
_STS_HCH = const(1 << 0)
_STS_CNR = const(1 << 11)
_STS_RW1C = const(1 << 2 | 1 << 3 | 1 << 4 | 1 << 10)
_PAGESIZE = const(0x08)  # §5.4.3
_DNCTRL = const(0x14)  # §5.4.4
_DNCTRL_FUNCTION_WAKE = const(1 << 1)  # what Linux and the seed set
_DCBAAP = const(0x30)  # §5.4.6
_CONFIG = const(0x38)  # §5.4.7
_IMOD = const(0x24)  # §5.5.2.2, of interrupter 0
_IMOD_40US = const(160)
_RUNTIME_0 = const(0x20)
_HALT_US = const(16_000)  # §5.4.1.1
_RESET_US = const(1_000_000)  # observed: 0.2 ms on Parallels; Linux gives 10 s


class Hba:
    """place: from xhci_find.places().  Opens it, reads only.

    caps: Caps; op: the operational registers; wide: it has 64-bit addresses.  Raises OSError.
    """

    def __init__(self, place, log, clock):
        self.name = place.name
        self._place = place
        self._log = log
        self._clock = clock
        self._memory = []
        self._dcbaa = None
        self.caps = caps = Caps(place.open(), place.name, log)
        self.op = caps.op
        self.wide = caps.wide and not place.quirks.get("narrow")

    def reset(self):
        """Halt, then reset (§4.2).  Raises OSError(ENODEV), OSError(ETIMEDOUT)."""
        op = self.op
        status = op[_USBSTS]
        if status == 0xFFFFFFFF:
            raise OSError(errno.ENODEV, "xhci %s: USBSTS is 0x%x" % (self.name, status))
        op.clear(_USBCMD, _CMD_RS | _CMD_INTE)
        if not op.wait(_USBSTS, _STS_HCH, _STS_HCH, _HALT_US):
            self._log(4, "xhci: %s: does not halt, reset all the same" % self.name)
        op.set(_USBCMD, _CMD_HCRST)
        pause = self._place.quirks.get("reset_us")
        if pause:
            self._clock.sleep_us(pause)
        if not op.wait(_USBCMD, _CMD_HCRST, 0, _RESET_US) or not op.wait(
            _USBSTS, _STS_CNR, 0, _RESET_US
        ):
            raise OSError(
                errno.ETIMEDOUT,
                "xhci %s: reset does not end: USBCMD 0x%x USBSTS 0x%x"
                % (self.name, op[_USBCMD], op[_USBSTS]),
            )

    def _alloc(self, size, align):
        buf = dma.alloc(size, align, "xhci")
        self._memory.append(buf)
        if not self.wide and buf.phys + size > 1 << 32:
            raise OSError(12, "xhci %s: reaches 32 bits only" % self.name)
        return buf

    def provide(self):
        """The array of device contexts, and the pages that the controller wants (§4.20)."""
        caps = self.caps
        self._dcbaa = self._alloc(8 * (caps.slots + 1), 4096)
        if not caps.scratchpads:
            return
        sizes = self.op[_PAGESIZE] & 0xFFFF
        page = 4096
        while sizes and not sizes & 1:
            sizes >>= 1
            page <<= 1
        array = self._alloc(8 * caps.scratchpads, page)
        for i in range(caps.scratchpads):
            struct.pack_into("<Q", array, 8 * i, self._alloc(page, page).phys)
        self.dcbaa(0, array.phys)

    def dcbaa(self, slot, phys):
        """Tell where a slot's device context is."""
        struct.pack_into("<Q", self._dcbaa, 8 * slot, phys)

    def program(self, ring, events):
        """What a reset has cleared, in the order that Linux has (reference §6.5)."""
        op = self.op
        op[_CONFIG] = self.caps.slots
        op[_DNCTRL] = _DNCTRL_FUNCTION_WAKE
        at = self._dcbaa.phys
        op[_DCBAAP] = at & 0xFFFFFFFF  # low, high: 32-bit accesses only
        op[_DCBAAP + 4] = at >> 32
        ring.program()
        self.caps.runtime[_IMOD] = _IMOD_40US
        events.program()

    def start(self, hubs, interrupts):
        op = self.op
        op[_USBSTS] = _STS_RW1C
        op.set(_USBCMD, _CMD_RS | _CMD_INTE if interrupts else _CMD_RS)
        if not op.wait(_USBSTS, _STS_HCH, 0, _HALT_US):
            raise OSError(
                errno.ETIMEDOUT, "xhci %s: does not start: USBSTS 0x%x" % (self.name, op[_USBSTS])
            )
        wait = self._place.quirks.get("start_ms", 0)
        for hub in hubs:
            if hub.unpowered():
                wait = max(wait, hub.power_ms)
        if wait:
            self._clock.sleep_ms(wait)
        for hub in hubs:
            hub.clear_all()

    def mute(self):
        """Interrupt no more: nobody is there to let a line go that others share."""
        self.op.clear(_USBCMD, _CMD_INTE)

    def free(self):
        """Give the memory back: the controller is reset or silenced."""
        while self._memory:
            self._memory.pop().free()
