"""What disks and CD drives on a port have in common: commands one at a time, recovery, the end."""

import errno

import ahcicmd
from micropython import const

from ahci_errors import DONE, LATE, Recovery, cause

_EBUSY = const(16)  # the unix port's errno lacks it
_H2D = const(0x27)  # SATA 3.4 §10.5.5
_C = const(0x80)
LBA = 0x40


class Drive:
    """A device on a port.  name: for logs.  port: ahcicmd.Port.  link: its Link, started.

    vacate(drive), reset(port): the Controller's.
    """

    def __init__(self, name, port, link, log, vacate, reset, atapi=False):
        self.name = name
        self.port = port
        self.link = link
        self.info = None
        self._log = log
        self._fis = bytearray(20)
        self._sector = bytearray(512)
        self._recovery = Recovery(
            name, port, link, log, self._is_same, lambda: vacate(self), reset, self._ncq_log
        )
        self._recovery.atapi = atapi
        port.attend = self.attend

    def __repr__(self):
        return "<%s %s%s>" % (self.name, self.info, ", gone" if self.port.gone else "")

    @property
    def retries(self):
        """How often a command that failed is done again before its caller gets -EIO."""
        return self._recovery.retries

    @retries.setter
    def retries(self, n):
        self._recovery.retries = n

    def attend(self, port, doing="idle"):
        """Mend the port after an error, a time-out or a change of the link."""
        self._recovery.attend(port, doing)

    def _once(self, command, buf=None, feature=0, lba=0, count=0, device=LBA, what=0, ms=10_000):
        """One command, no recovery: what ahcicmd says."""
        f = self._fis
        f[0] = _H2D
        f[1] = _C
        f[2] = command
        f[3] = feature & 0xFF
        f[4] = lba & 0xFF
        f[5] = lba >> 8 & 0xFF
        f[6] = lba >> 16 & 0xFF
        f[7] = device
        f[8] = lba >> 24 & 0xFF
        f[9] = lba >> 32 & 0xFF
        f[10] = lba >> 40 & 0xFF
        f[11] = feature >> 8
        f[12] = count & 0xFF
        f[13] = count >> 8
        return self.port.run(f, buf, what, ms)

    def command(self, name, *args, **words):
        """Run one command with recovery; 0 or -errno.  name: for the log; the rest as _once()."""
        port = self.port
        text = "the port does not come back"
        try:
            tries = 1 + self.retries
            while tries > 0:
                r = self.refusal()
                if r:
                    if r != -errno.EIO or port.gone:
                        return r
                    break
                tries -= 1
                why = self._once(*args, **words)
                if why == DONE:
                    return 0
                port.late = why >= LATE
                text = cause(port.causes, port.tfd, port.late)
                if tries:
                    self._log(4, "ahci: %s: %s: %s, again" % (self.name, name, text))
                self.attend(port, None)
        except OSError as error:
            text = error
        self._log(3, "ahci: %s: %s: %s" % (self.name, name, text))
        return -port.gone if port.gone else -errno.EIO

    def refusal(self):
        """Why no command can be run now, as -errno, or 0.  Mends the port where that is due."""
        port = self.port
        if port.attention and not port.gone and not port.recovering:
            self.attend(port)
        if port.gone:
            return -port.gone
        if port.recovering:
            return -_EBUSY
        return -errno.EIO if port.attention else 0

    def _identify(self, command):
        """IDENTIFY's 512 bytes.  Raises OSError."""
        why = self._once(command, self._sector)
        if why != DONE:
            raise OSError(
                errno.EIO,
                "%s: IDENTIFY: PxTFD 0x%x, %s"
                % (self.name, self.port.tfd, "timed out" if why >= LATE else "error"),
            )
        return self._sector

    def _ncq_log(self):
        return None

    def _is_same(self):
        return True


WRITE = ahcicmd.WRITE
