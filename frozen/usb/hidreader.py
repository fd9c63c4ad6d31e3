"""Input reports of a HID interface: interrupt transfers that are queued again and again."""

import dma
import klog
from micropython import const

import usbtask
from usbendpoint import Transfer
from usbwait import ECANCELED, ENODEV, EPIPE, ERRORS, PENDING

_ERRORS_MAX = const(6)  # in a row
_BACKOFF_MS = const(5)  # doubled with each of them
_STOP_MS = const(1000)
_SENTINEL = const(0xDE)
_SENTINELS = const(4)  # bytes

# Reports whose buffer held what it was filled with, and those that came by DMA; all interfaces.
counts = {"stale": 0, "real": 0}


class Reader:
    """take(report, n): called softly with each report, a memoryview and the bytes that came.

    The rest of the view is undefined.  lost(status): reports fail for good.  log(level, text).
    size: of the longest report.  sentinels: fill the buffer, to see whether DMA wrote it.
    ahead: transfers that wait at once, so that reports which follow each other at the endpoint's
    interval find one.  errors: failed transfers in a row; closed.
    """

    def __init__(self, endpoint, size, take, lost, log, sentinels, ahead=1):
        self.endpoint = endpoint
        self.errors = 0
        self.closed = False
        self._mending = False
        self._take = take
        self._lost = lost
        self._log = log
        self._sentinels = sentinels
        mps = endpoint.mps or 8
        # Whole packets: a device that says more than it promised is no babble.
        length = (size + mps - 1) // mps * mps
        step = (length + 63) & ~63
        self._buffer = dma.alloc(step * ahead, 64, "hid")
        whole = memoryview(self._buffer)
        self._transfers = []
        for offset in range(0, step * ahead, step):
            transfer = Transfer(endpoint, self._buffer, self._done)
            transfer.offset, transfer.length = offset, length
            transfer.limit_ms = None
            self._transfers.append(transfer)
            transfer.report = whole[offset : offset + length]

    def start(self):
        """Have reports come from now on."""
        for transfer in self._transfers:
            if transfer.status != PENDING:
                self._mark(transfer.report, _SENTINELS)
                self._submit(transfer)

    def _submit(self, transfer):
        status = transfer.submit()
        if status:
            self._ended(status, transfer.code)

    def _mark(self, report, n):
        if self._sentinels:
            for i in range(min(n, _SENTINELS)):
                report[i] = _SENTINEL

    def _done(self, transfer):
        status = transfer.status
        if status:
            self._ended(status, transfer.code)
            return
        self.errors = 0
        n = transfer.actual
        if n and not self.closed:
            report = transfer.report
            if self._sentinels:
                self._count(report, n)
            self._take(report, n)
            self._mark(report, n)
        if not self.closed:
            self._submit(transfer)

    def _count(self, report, n):
        for i in range(min(n, _SENTINELS)):
            if report[i] != _SENTINEL:
                counts["real"] += 1
                return
        counts["stale"] += 1

    def _ended(self, status, code):
        if self.closed or self._mending or status == -ENODEV:
            return
        if status != -ECANCELED:
            self.errors += 1
            if self.errors == 1:
                said = ERRORS.get(-status, "error %d" % -status)
                self._log(klog.WARN, "report: %s %s" % (said, code))
        elif self.errors >= _ERRORS_MAX:
            return
        if self.errors < _ERRORS_MAX:
            self._mending = True  # the others on their way fail, too
            usbtask.start(self._again(status), "hid")
            return
        self._log(klog.ERROR, "%d reports in a row failed" % self.errors)
        self._lost(status)

    def _again(self, status):
        """After an error: end a stall, try once more, a little later each time."""
        failed = 0
        try:
            yield _BACKOFF_MS << self.errors
            if status == -EPIPE and not self.closed:
                yield from self.endpoint.clear_halt()
        except OSError as why:
            failed = -(why.errno or EPIPE)
        finally:
            self._mending = False
        if failed:
            self._ended(failed, "")
        elif not self.closed:
            self.start()

    def stop(self):
        """Generator: no more reports; returns when the transfers have ended."""
        self.closed = True
        for transfer in self._transfers:
            if transfer.status == PENDING:
                transfer.limit_ms = _STOP_MS
                transfer.cancel()
                try:
                    yield transfer
                except OSError:
                    pass  # cancelled, as it was meant
        self.free()

    def free(self):
        """Give the buffer back; nothing is under way any more."""
        self.closed = True
        if self._buffer is not None:
            for transfer in self._transfers:
                if transfer.status == PENDING:
                    return
            self._buffer.free()
            self._buffer = None
