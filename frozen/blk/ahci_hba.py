"""The registers that all ports of a controller share (AHCI 1.3.1 §3.1)."""

import errno

from micropython import const

CAP_SCLO = 1 << 24  # bits of Hba.cap, §3.1.1
CAP_SNCQ = 1 << 30
CAP_S64A = 1 << 31
_CAP = const(0x00)  # RO
_GHC = const(0x04)  # §3.1.2
_GHC_HR = const(1 << 0)  # reset
_GHC_IE = const(1 << 1)
_GHC_AE = const(1 << 31)
_IS = const(0x08)  # §3.1.3 RW1C
_PI = const(0x0C)  # §3.1.4 RO
_VS = const(0x10)  # §3.1.5 RO
_CAP2 = const(0x24)  # §3.1.10 RO
_CAP2_BOH = const(1 << 0)
_BOHC = const(0x28)  # §3.1.11
_BOHC_BOS = const(1 << 0)  # BIOS owns it
_BOHC_OOS = const(1 << 1)
_BOHC_BB = const(1 << 4)  # BIOS is busy
_RESET_US = const(1_000_000)  # §10.4.3
_HANDOFF_US = const(25_000)  # §10.6.3
_BUSY_US = const(2_000_000)

_CAP_NAMES = (
    (5, "sxs"),
    (6, "ems"),
    (7, "ccc"),
    (13, "part"),
    (14, "slum"),
    (15, "pmd"),
    (16, "fbs"),
    (17, "pm"),
    (18, "only"),
    (24, "clo"),
    (25, "led"),
    (26, "alp"),
    (27, "stag"),
    (28, "mps"),
    (29, "sntf"),
    (30, "ncq"),
    (31, "64bit"),
)


class Hba:
    """regs: mmio.Regs of the controller.  name: for the log.  log(level, text), as klog.log.

    Takes it over as it runs; AHCI mode is on then.  Raises OSError(ENODEV).
    cap, version: as read.  ports: those implemented, a mask.  slots: of each port.
    """

    def __init__(self, regs, name, log):
        self._r = regs
        self._name = name
        self._log = log
        self._take()
        self.cap = regs[_CAP]
        self.version = regs[_VS]
        self.slots = (self.cap >> 8 & 31) + 1
        # Firmware that leaves PI at 0 means all of them (Linux does the same).
        self.ports = regs[_PI] or (2 << (self.cap & 31)) - 1

    def __str__(self):
        return "AHCI %d.%d, ports 0x%x, %d slots, %s" % (
            self.version >> 16,
            self.version >> 8 & 0xFF,
            self.ports,
            self.slots,
            " ".join(name for bit, name in _CAP_NAMES if self.cap >> bit & 1),
        )

    def _take(self):
        """Ownership from the firmware (§10.6.3)."""
        r = self._r
        r.set(_GHC, _GHC_AE)
        if r[_CAP] == 0xFFFFFFFF or not r[_GHC] & _GHC_AE:
            raise OSError(errno.ENODEV, "ahci %s: GHC is 0x%x" % (self._name, r[_GHC]))
        if not r[_CAP2] & _CAP2_BOH:
            return
        r.set(_BOHC, _BOHC_OOS)
        if not r.wait(_BOHC, _BOHC_BOS, 0, _HANDOFF_US) and r[_BOHC] & _BOHC_BB:
            r.wait(_BOHC, _BOHC_BOS | _BOHC_BB, 0, _BUSY_US)
        if r[_BOHC] & _BOHC_BOS:
            self._log(4, "ahci: %s: firmware keeps it, taken all the same" % self._name)

    def reset(self):
        """Reset the controller and its ports (§10.4.3).  Raises OSError(ETIMEDOUT)."""
        r = self._r
        r.set(_GHC, _GHC_HR)
        if not r.wait(_GHC, _GHC_HR, 0, _RESET_US):
            raise OSError(errno.ETIMEDOUT, "ahci %s: GHC stays 0x%x" % (self._name, r[_GHC]))
        r.set(_GHC, _GHC_AE)

    def interrupts(self, on):
        """Let the controller interrupt, or not."""
        if on:
            self._r[_IS] = 0xFFFFFFFF
            self._r.set(_GHC, _GHC_IE)
        else:
            self._r.clear(_GHC, _GHC_IE)
