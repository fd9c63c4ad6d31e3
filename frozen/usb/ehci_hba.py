"""An EHCI controller's reset and start (EHCI 1.0 §4.1)."""

import errno

import dma
import klog
from micropython import const

_USBCMD = const(0x00)  # §2.3.1
_CMD_RS = const(1 << 0)
_CMD_HCRESET = const(1 << 1)
_CMD_SCHEDULES = const(3 << 4)
_CMD_ITC_1 = const(1 << 16)  # an interrupt waits for a microframe
_USBSTS = const(0x04)  # §2.3.2
_STS_HCH = const(1 << 12)
_STS_RW1C = const(0x3F)
_USBINTR = const(0x08)  # §2.3.3
_INTERRUPTS = const(1 << 0 | 1 << 1 | 1 << 2 | 1 << 4 | 1 << 5)  # all but frame list rollover
_CTRLDSSEGMENT = const(0x10)  # §2.3.5
_PERIODICLISTBASE = const(0x14)  # §2.3.6
_ASYNCLISTADDR = const(0x18)  # §2.3.7
_CONFIGFLAG = const(0x40)  # §2.3.8
_HALT_US = const(20_000)  # §2.3.1: 16 microframes
_RESET_US = const(250_000)  # no limit is given; as Linux
_ROUTED_MS = const(5)  # after CF, as Linux: companions that work let go of their ports


class Hba:
    """caps: Caps."""

    def __init__(self, caps, log, clock):
        self.name = caps.name
        self._op = caps.op
        self._wide = caps.wide
        self._log = log
        self._clock = clock

    def reset(self):
        """Halt, then reset.  Raises OSError(ENODEV), OSError(ETIMEDOUT)."""
        op = self._op
        status = op[_USBSTS]
        if status == 0xFFFFFFFF:
            raise OSError(errno.ENODEV, "ehci %s: USBSTS is 0x%x" % (self.name, status))
        op[_USBINTR] = 0
        op.clear(_USBCMD, _CMD_RS | _CMD_SCHEDULES)
        if not op.wait(_USBSTS, _STS_HCH, _STS_HCH, _HALT_US):
            self._log(klog.WARN, "ehci: %s: does not halt, reset all the same" % self.name)
        op.set(_USBCMD, _CMD_HCRESET)
        if not op.wait(_USBCMD, _CMD_HCRESET, 0, _RESET_US):
            raise OSError(
                errno.ETIMEDOUT,
                "ehci %s: reset does not end: USBCMD 0x%x" % (self.name, op[_USBCMD]),
            )

    def start(self, memory, addresses, hub):
        """What a reset has cleared; run; take the ports.  Raises OSError(ETIMEDOUT)."""
        op = self._op
        if self._wide:
            op[_CTRLDSSEGMENT] = memory.segment
        op[_PERIODICLISTBASE], op[_ASYNCLISTADDR] = addresses
        op[_USBSTS] = _STS_RW1C
        op[_USBCMD] = _CMD_ITC_1 | _CMD_RS
        if not op.wait(_USBSTS, _STS_HCH, 0, _HALT_US):
            raise OSError(
                errno.ETIMEDOUT, "ehci %s: does not start: USBSTS 0x%x" % (self.name, op[_USBSTS])
            )
        op[_CONFIGFLAG] = 1
        self._clock.sleep_ms(_ROUTED_MS)
        if hub.unpowered():
            self._clock.sleep_ms(hub.power_ms)

    def interrupt(self, on):
        """Whether it interrupts."""
        self._op[_USBINTR] = _INTERRUPTS if on else 0

    def stop_at_reset(self, on=True):
        """A soft reset of the machine stops it before its memory is somebody else's."""
        how = (_USBCMD, _CMD_RS, _USBSTS, _STS_HCH, _CMD_HCRESET) if on else None
        dma.stop_at_reset(self._op, how)
