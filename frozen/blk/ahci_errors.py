"""Recovery of a port: stop, clear, reset link and controller, retry, give up (AHCI 1.3.1 §6.2).

One way for all errors: what was under way is taken back and done again one command at a time, not
queued.  So a failing command of 32 queued ones is found without trusting the error log.
"""

import errno

from micropython import const

_IS_FATAL = const(1 << 24 | 7 << 27)  # OFS, IFS, HBDS, HBFS: the link is reset (§6.2.2)
_IS_TFES = const(1 << 30)
_IS_NAMES = ((24, "overflow"), (27, "interface"), (28, "bus data"), (29, "bus"), (30, "device"))
_ERR_ICRC = const(0x80)  # ATA8-ACS §6.2
_ERR_UNC = const(0x40)
_ERR_IDNF = const(0x10)
_ERR_NAMES = ((7, "ICRC"), (6, "UNC"), (5, "MC"), (4, "IDNF"), (3, "MCR"), (2, "ABRT"), (1, "EOM"))
_WRITE = const(1)
_NCQ_ERRORS = const(3)  # so many, and the disk gets plain commands
_FAILURES = const(3)  # recoveries in a row that did not bring the port back

DONE = const(0)  # what ahcicmd says of a command
LATE = const(2)  # or 3: Ctrl-C did not let it become so
_EINTR = const(4)  # not in MicroPython's errno


def cause(causes, tfd, late):
    """Why a command failed, in words for the log."""
    words = [name for bit, name in _IS_NAMES if causes >> bit & 1]
    if causes & _IS_TFES:
        words += [name for bit, name in _ERR_NAMES if tfd >> 8 >> bit & 1]
        words.append("PxTFD 0x%x" % tfd)
    if late:
        words.append("timed out")
    return " ".join(words) or "link changed"


def tries(causes, tfd, retries):
    """How often more a command that failed so is worth it."""
    if causes & _IS_TFES and not causes & _IS_FATAL:
        if tfd >> 8 & _ERR_IDNF and not tfd >> 8 & _ERR_ICRC:
            return 0  # there is no such block
        if tfd >> 8 & _ERR_UNC:
            return min(1, retries)  # the disk has tried for long itself
    return retries


class Recovery:
    """port: ahcicmd.Port.  link: its Link.  log(level, text), as klog.log.

    same(): whether the device is still the one that it was.  gone(): called once it is not.
    reset(): reset the controller and prepare its ports, for when a reset of the link is not
    enough; raises OSError.
    read_log(): read the NCQ error log, which ends the device's error state.
    retries: how often a command that failed is done again before its caller hears of it.
    """

    def __init__(self, name, port, link, log, same, gone, reset, read_log=None, retries=2):
        self.retries = retries
        self.ncq_errors = 0
        self.atapi = False
        self._name = name
        self._port = port
        self._link = link
        self._log = log
        self._same = same
        self._gone = gone
        self._reset = reset
        self._read_log = read_log
        self._failures = 0

    def attend(self, port, doing="idle"):
        """Mend the port; every command under way has a result then.  Raises KeyboardInterrupt.

        doing: for the log; None: an error of what is no read or write is not logged.
        """
        if port.gone or port.recovering:
            return
        try:
            port.recovering = 1
            self._attend(port, doing)
            self._failures = 0
        except OSError as why:
            self._failures += 1
            self._log(3, "ahci: %s: recovery failed: %s" % (self._name, why))
            self._end(port, errno.EIO)
            port.attention = 1  # the next request tries again
            if self._failures >= _FAILURES:
                self._log(3, "ahci: %s: given up" % self._name)
                port.gone = errno.EIO
        except KeyboardInterrupt:
            self._end(port, _EINTR)
            port.attention = 1
            raise
        finally:
            port.recovering = 0

    def _attend(self, port, doing):
        causes, tfd, late, queued = port.causes, port.tfd, port.late, port.queued
        held = self._mend(port)
        if port.gone:
            return
        if causes or late:
            text = cause(causes, tfd, late)
            if not held and doing is not None:
                self._log(4, "ahci: %s: %s: %s" % (self._name, doing, text))
            elif held and queued:
                self._ncq(port, text)
                if port.gone:
                    return
        first = True
        for i in range(32):
            if not held >> i & 1:
                continue
            if port.cancelled >> i & 1:
                self._finish(port, i, _EINTR, "cancelled")
            else:
                # The one error is the failing command's.  Of several it is not known whose.
                spent = bool(first and (causes or late) and not queued)
                self._again(port, i, spent, causes, tfd, late)
                first = False
                if port.gone:
                    return

    def _ncq(self, port, text):
        self.ncq_errors += 1
        entry = self._read_log() if self._read_log else None
        if entry is None:  # then only a reset ends the error state (SATA 3.4 §13.6.4.2)
            port.late = 1
            self._mend(port)
        self._log(4, "ahci: %s: queued command: %s%s" % (self._name, text, entry or ""))
        if self.ncq_errors == _NCQ_ERRORS:
            self._log(4, "ahci: %s: commands are not queued from here on" % self._name)
            port.depth = 0

    def _again(self, port, i, spent, causes, tfd, late):
        """Run slot i until it is done or not worth it."""
        tried = 0
        failed = spent
        while True:
            if failed:
                left = tries(causes, tfd, self.retries) - tried
                text = cause(causes, tfd, late)
                if left <= 0:
                    self._finish(port, i, errno.EIO, text)
                    return
                self._tell(port, i, 4, text + ", again")
                tried += 1
            why = port.rerun(i)
            if why == DONE:
                port.finish(i, 0)
                return
            failed = True
            causes, tfd, late = port.causes, port.tfd, why >= LATE
            port.late = late
            self._mend(port)
            if port.gone:
                return

    def _tell(self, port, i, level, text):
        what, lba, blocks = port.request(i)
        kind = "write" if what & _WRITE else "read"
        text = "ahci: %s: %s of %d blocks at LBA %d: %s" % (self._name, kind, blocks, lba, text)
        self._log(level, text)

    def _finish(self, port, i, number, text):
        self._tell(port, i, 3, text)
        port.finish(i, -number)

    def _mend(self, port):
        """Bring the port back to where it takes commands; the mask of slots that are held.

        Raises OSError when it does not come back.
        """
        try:
            return self._restart(port)
        except OSError as why:
            if self._failures:  # a reset did not help the last time: the other ports have peace
                raise
            self._log(4, "ahci: %s: %s: resetting the controller" % (self._name, why))
        self._reset(port)
        self._link.prepare()  # also where no drive is yet, for which the reset does not
        port.late = 1
        return self._restart(port)

    def _restart(self, port):
        link = self._link
        hard = port.late or port.changed or port.causes & _IS_FATAL
        try:
            port.halt()
        except OSError:
            hard = True  # §10.4.2: the reset ends what the engine waits for
        if not link.present() and not link.detect(True):
            self._remove(port)
            return 0
        if not hard and link.busy() and not link.override():
            hard = True
        if hard and not (link.comreset() and link.ready()):
            if not link.present():
                self._remove(port)
                return 0
            raise OSError(errno.EIO, "the device stays busy")
        if not link.stopped():
            raise OSError(errno.EIO, "the engine does not stop")
        held = port.held
        port.causes = port.changed = port.late = port.attention = 0
        link.start(self.atapi)
        if hard and not self._same():
            self._log(4, "ahci: %s: another device is there" % self._name)
            self._remove(port)
            return 0
        return held

    def _end(self, port, number):
        """Everything under way ends with -number, what recovery itself asked for included."""
        try:
            port.halt()
        except OSError as why:
            self._log(3, "ahci: %s: its engine does not stop: %s" % (self._name, why))
        text = "cancelled" if number == _EINTR else "not done"
        for i in range(32):
            if port.held >> i & 1:
                self._finish(port, i, number, text)

    def _remove(self, port):
        port.gone = 19  # ENODEV, for ever
        for i in range(32):
            if port.held >> i & 1:
                port.finish(i, -19)
        self._log(4, "ahci: %s: removed" % self._name)
        self._gone()
