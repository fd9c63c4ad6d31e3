"""A transfer as hardware has it: a chain of qTDs (EHCI 1.0 §3.5, §4.10)."""

from micropython import const

from ehci_memory import (
    ACTIVE,
    ALT,
    END,
    ERRORS_3,
    HALTED,
    IOC,
    NEXT,
    PID_IN,
    PID_OUT,
    PID_SETUP,
    TOGGLE,
    TOKEN,
)
from usbwait import EIO, EOVERFLOW, EPIPE, EPROTO

_LEFT = const(0x7FFF)  # of the token, from bit 16
_BUFFER_ERROR = const(1 << 5)
_BABBLE = const(1 << 4)
_MISSED = const(1 << 2)
_CERR = const(3 << 10)
_MOST = const(16384)  # bytes of a qTD: 5 pages, less where the first begins


def step(mps):
    """Bytes that a qTD is made for: whole packets, wherever they begin."""
    return _MOST // mps * mps


def count(t, mps):
    """Qtds that a transfer takes."""
    size = step(mps)
    n = (t.length + size - 1) // size
    return n + 2 if t.setup is not None else max(n, 1)


def fill(t, mps, wide):
    """All of the chain but its links; gives the first one's token, which is not written yet."""
    qtd = t.hcd_data
    at = 0 if t.buffer is None else t.buffer.phys + t.offset
    left, toggle = t.length, 0
    start = None
    control = t.setup is not None
    if control:
        qtd.bytes = -1
        qtd.fill(PID_SETUP | ERRORS_3, qtd.setup(t.setup), 8, wide)
        start = PID_SETUP | ERRORS_3 | ACTIVE | 8 << 16
        toggle = TOGGLE
        qtd = qtd.link
    size = step(mps)
    token = (PID_IN if t.is_in else PID_OUT) | ERRORS_3
    while left or start is None:
        n = min(left, size)
        last = IOC if qtd.link is None else 0
        qtd.bytes = n
        if start is None:
            start = token | last | ACTIVE | n << 16
            qtd.fill(token, at, n, wide)
        else:
            qtd.fill(token | toggle | last | ACTIVE, at, n, wide)
        if control and (n + mps - 1) // mps & 1:
            toggle ^= TOGGLE
        at += n
        left -= n
        qtd = qtd.link
    if control:
        back = PID_OUT if t.is_in and t.length else PID_IN
        qtd.bytes = -1
        qtd.fill(back | ERRORS_3 | TOGGLE | IOC | ACTIVE, 0, 0, wide)
    return start


def last_of(qtd):
    """The last of a chain."""
    while qtd.link is not None:
        qtd = qtd.link
    return qtd


def chain(t, following):
    """Links for hardware; a short packet leads on to what comes after the data."""
    qtd = t.hcd_data
    short = END
    if t.is_in:
        short = following if t.setup is None else last_of(qtd).phys & 0xFFFFFFFF
    while qtd is not None:
        r, at, link = qtd.r, qtd.at, qtd.link
        r[at + ALT] = short if qtd.bytes >= 0 else END
        r[at + NEXT] = following if link is None else link.phys & 0xFFFFFFFF
        qtd = link


def look(t):
    """1 under way, 0 done, -errno; sets actual and code of the transfer."""
    actual = 0
    qtd = t.hcd_data
    while qtd is not None:
        token = qtd.r[qtd.at + TOKEN]
        n = qtd.bytes
        left = token >> 16 & _LEFT
        if n >= 0 and left > n:
            t.code = "Bad Length"
            return -EIO
        if n >= 0:
            actual += n - left
        t.actual = actual
        if token & ACTIVE:
            return 1
        if token & HALTED:
            return _why(t, token)
        qtd = qtd.link
        if n >= 0 and left:
            if t.setup is None:
                break
            qtd = last_of(qtd)
    t.code = "Success" if actual == t.length else "Short Packet"
    return 0


def _why(t, token):
    """§4.15.1.1: what halted it."""
    if token & _BABBLE:
        t.code = "Babble"
        return -EOVERFLOW
    if token & _CERR and not token & (_BUFFER_ERROR | _MISSED):
        t.code = "Stall"
        return -EPIPE
    if token & _BUFFER_ERROR:
        t.code = "Data Buffer Error"
        return -EIO
    t.code = "Missed Micro-Frame" if token & _MISSED else "Transaction Error"
    return -EPROTO
