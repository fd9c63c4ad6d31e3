"""An endpoint's queue head and the transfers that are queued there (EHCI 1.0 §3.6, §4.10).

The methods from restart() on, but for those of serving, are for a queue head that hardware does
not have: it was never linked, or was unlinked and hardware has confirmed that.
"""

import mmio
from micropython import const

import ehci_chains as chains
from ehci_memory import ACTIVE, ALT, BUFFER, END, HALTED, NEXT, TOGGLE, TOKEN

_QH_BYTES = const(128)
_LINK = const(0x00)  # of a QH, §3.6
_CHARACTER = const(0x04)
_CAPABILITIES = const(0x08)
_CURRENT = const(0x0C)
_OVERLAY = const(0x10)  # as a qTD from here on
_IS_QH = const(1 << 1)  # type of a link
_HEAD = const(1 << 15)
_TOGGLE_BY_QTD = const(1 << 14)
_CONTROL = const(1 << 27)  # of a full- or low-speed endpoint
_NAK_RELOAD = const(4 << 28)  # of high speed; as Linux
_SPEEDS = {"full": 0, "low": 1, "high": 2}
_STATUS = const(0x7E)  # of the token, all but Active and Ping


class Head:
    """A queue head.  link: to it.  next, previous: in the asynchronous list."""

    def __init__(self, memory):
        self.buffer = memory.alloc(_QH_BYTES, _QH_BYTES)
        self.r = mmio.Regs(self.buffer.phys, _QH_BYTES, 32, "ehci QH")
        self.link = self.buffer.phys & 0xFFFFFFFF | _IS_QH
        self.next = self.previous = None

    def begin(self):
        """As the head of the asynchronous list, alone and idle (§4.8)."""
        r = self.r
        r[_LINK] = self.link
        r[_CHARACTER] = _HEAD | 64 << 16 | 2 << 12
        r[_CAPABILITIES] = 1 << 30
        r[_OVERLAY + NEXT] = r[_OVERLAY + ALT] = END
        r[_OVERLAY + TOKEN] = HALTED
        self.next = self.previous = self

    def point(self, link):
        """Where hardware goes from here."""
        self.r[_LINK] = link


class Pipe(Head):
    """An endpoint in use.  queue: transfers that hardware has; new: those it has not yet.

    held: it is being unlinked or is; nothing is served.  gone: nothing more is taken.
    cancelled: transfers to be withdrawn.  failed: the one that halted it, fault: why.
    slot: ehci_budget.Slot of an interrupt endpoint, or None.
    """

    def __init__(self, memory, endpoint, slot=None):
        super().__init__(memory)
        self.endpoint = endpoint
        self.slot = slot
        self.queue = []
        self.new = []
        self.cancelled = []
        self.failed = None
        self.fault = 0
        self.errors = 0  # in a row
        self.linked = self.gone = False
        self.holder = None  # the Task that does
        self.token = {0: True}  # whose it is to unlink it: dict.pop() is not interrupted
        self.held = True
        self._memory = memory
        try:
            self._dummy = memory.take(1)
        except BaseException:
            self.buffer.free()
            raise
        self._dummy.r[self._dummy.at + TOKEN] = 0

    @property
    def mps(self):
        return min(self.endpoint.mps, 1024) or 1

    @property
    def mending(self):
        """Whether somebody has it unlinked to put it right."""
        return not self.token

    @property
    def busy(self):
        """Whether anything is under way."""
        return self.queue or self.new

    def submit(self, t):
        """Queue it, for link_new().  Raises OSError(ENOMEM)."""
        t.hcd_data = self._memory.take(chains.count(t, self.mps))
        self.new.append(t)

    def link_new(self):
        """Let hardware have what was submitted."""
        while self.new and not self.held:
            self._append(self.new.pop(0))

    def _append(self, t):
        """The chain begins where the dummy was, which becomes active last (as Linux has it)."""
        first = self._dummy
        first.link = t.hcd_data
        before = first
        while before.link.link is not None:
            before = before.link
        dummy, before.link = before.link, None
        dummy.r[dummy.at + TOKEN] = 0
        self._dummy = dummy
        t.hcd_data = first
        token = chains.fill(t, self.mps, self._memory.wide)
        chains.chain(t, dummy.phys & 0xFFFFFFFF)
        self.queue.append(t)
        first.r[first.at + TOKEN] = token

    def ended(self):
        """The first in the queue, out of it, if it has succeeded; `failed` if it has failed."""
        if self.held or not self.queue:
            return None
        t = self.queue[0]
        status = chains.look(t)
        if status > 0:
            return None
        if status < 0:
            self.held = True
            self.failed, self.fault = t, status
            return None
        self.errors = 0
        return self.retire(t, 0)

    def retire(self, t, status):
        """Out of the queue with it.  hcd_data: its status from here on, for finish()."""
        self.queue.remove(t)
        self._memory.give(t.hcd_data)
        t.hcd_data = status
        return t

    def program(self):
        """What the endpoint is."""
        e, device, r = self.endpoint, self.endpoint.device, self.r
        high = device.speed == "high"
        word = device.address | e.number << 8 | _SPEEDS[device.speed] << 12 | self.mps << 16
        if e.kind == "control":
            word |= _TOGGLE_BY_QTD
            if not high:
                word |= _CONTROL
        if high and self.slot is None:
            word |= _NAK_RELOAD
        r[_CHARACTER] = word
        word = (min(e.mult, 2) + 1 if self.slot and high else 1) << 30
        if device.tt is not None:
            hub, port = device.tt
            word |= port << 23 | hub.address << 16
        if self.slot is not None:
            word |= self.slot.cmask << 8 | self.slot.smask
        r[_CAPABILITIES] = word

    def restart(self, toggle=0):
        """Begin with the first that is still to be done."""
        r = self.r
        qtd = self.queue[0].hcd_data if self.queue else None
        while qtd is not None and not qtd.r[qtd.at + TOKEN] & ACTIVE:
            qtd = qtd.link
        r[_CURRENT] = 0
        r[_OVERLAY + NEXT] = (qtd or self._dummy).phys & 0xFFFFFFFF
        r[_OVERLAY + ALT] = END
        r[_OVERLAY + TOKEN] = toggle

    def toggle(self):
        """The data toggle as hardware left it, for restart()."""
        return 0 if self.endpoint.kind == "control" else self.r[_OVERLAY + TOKEN] & TOGGLE

    def take_back(self):
        """What the overlay knows better goes to the qTD that it is of."""
        r = self.r
        token = r[_OVERLAY + TOKEN]
        if not token & ACTIVE or not self.queue:
            return
        current = r[_CURRENT] & ~31
        qtd = self.queue[0].hcd_data
        while qtd is not None:
            if qtd.phys & 0xFFFFFFFF == current:
                for i in range(BUFFER, BUFFER + 20, 4):
                    qtd.r[qtd.at + i] = r[_OVERLAY + i]
                qtd.r[qtd.at + TOKEN] = token & ~_STATUS
                return
            qtd = qtd.link

    def withdraw(self, t, status):
        """Out with a transfer, wherever it is, after take_back(); None: it was not there."""
        if t in self.new:
            self.new.remove(t)
            self._memory.give(t.hcd_data)
            t.hcd_data = status
            return t
        if t not in self.queue:
            return None
        found = chains.look(t)
        if found > 0:
            t.code = "Stopped"
            found = status
        return self.retire(t, found)

    def rechain(self):
        """The links again, after withdraw()."""
        following = self._dummy.phys & 0xFFFFFFFF
        for i in range(len(self.queue) - 1, -1, -1):
            t = self.queue[i]
            chains.chain(t, following)
            following = t.hcd_data.phys & 0xFFFFFFFF

    def free(self):
        """Memory back: the queue is empty."""
        self._memory.give(self._dummy)
        self.buffer.free()
