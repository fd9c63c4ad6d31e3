"""Input reports of a HID interface: an interrupt transfer that is queued again and again."""

import dma
import klog
from micropython import const

import usbtask
from usbendpoint import Transfer
from usbwait import ECANCELED, ENODEV, EPIPE, ERRORS, PENDING

_ERRORS_MAX = const(6)  # in a row
_BACKOFF_MS = const(10)  # doubled with each of them
_STOP_MS = const(1000)
_SENTINEL = const(0xDE)
_SENTINELS = const(4)  # bytes

# Reports whose buffer held what it was filled with, and those that came by DMA; all interfaces.
counts = {"stale": 0, "real": 0}


class Reader:
    """take(report, n): called softly with each report, a memoryview and the bytes that came.

    The rest of the view is undefined.  lost(status): reports fail for good.  log(level, text).
    size: of the longest report.  sentinels: fill the buffer, to see whether DMA wrote it.
    errors: failed transfers in a row; closed.
    """

    def __init__(self, endpoint, size, take, lost, log, sentinels):
        self.endpoint = endpoint
        self.errors = 0
        self.closed = False
        self._take = take
        self._lost = lost
        self._log = log
        self._sentinels = sentinels
        mps = endpoint.mps or 8
        # Whole packets: a device that says more than it promised is no babble.
        self._buffer = dma.alloc((size + mps - 1) // mps * mps, 64, "hid")
        self._report = memoryview(self._buffer)
        self._transfer = Transfer(endpoint, self._buffer, self._done)
        self._transfer.limit_ms = None

    def start(self):
        """Have reports come from now on."""
        self._mark(_SENTINELS)
        self._submit()

    def _submit(self):
        status = self._transfer.submit()
        if status:
            self._ended(status)

    def _mark(self, n):
        if self._sentinels:
            report = self._report
            for i in range(min(n, _SENTINELS)):
                report[i] = _SENTINEL

    def _done(self, transfer):
        status = transfer.status
        if status:
            self._ended(status)
            return
        self.errors = 0
        n = transfer.actual
        if n and not self.closed:
            if self._sentinels:
                self._count(n)
            self._take(self._report, n)
            self._mark(n)
        if not self.closed:
            self._submit()

    def _count(self, n):
        report = self._report
        for i in range(min(n, _SENTINELS)):
            if report[i] != _SENTINEL:
                counts["real"] += 1
                return
        counts["stale"] += 1

    def _ended(self, status):
        if self.closed or status == -ENODEV or status == -ECANCELED:
            return
        self.errors += 1
        if self.errors == 1:
            said = ERRORS.get(-status, "error %d" % -status)
            self._log(klog.WARN, "report: %s %s" % (said, self._transfer.code))
        if self.errors < _ERRORS_MAX:
            usbtask.start(self._again(status), "hid")
            return
        self._log(klog.ERROR, "%d reports in a row failed" % self.errors)
        self._lost(status)

    def _again(self, status):
        """After an error: end a stall, try once more, a little later each time."""
        yield _BACKOFF_MS << self.errors - 1
        if self.closed:
            return
        if status == -EPIPE:
            try:
                yield from self.endpoint.clear_halt()
            except OSError as why:
                self._ended(-(why.errno or EPIPE))
                return
        if not self.closed:
            self._submit()

    def stop(self):
        """Generator: no more reports; returns when the transfer has ended."""
        self.closed = True
        transfer = self._transfer
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
        if self._buffer is not None and self._transfer.status != PENDING:
            self._buffer.free()
            self._buffer = None
