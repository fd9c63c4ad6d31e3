"""Commands to an xHCI controller and what became of them (xHCI 1.2 §4.6, §6.4.3, §6.4.5)."""

import xhciring
from micropython import const

import usbtask
import usbwait

ENABLE_SLOT = 9  # §6.4.6
DISABLE_SLOT = 10
ADDRESS = 11
CONFIGURE = 12
EVALUATE = 13
RESET_ENDPOINT = 14
STOP_ENDPOINT = 15
SET_DEQUEUE = 16
RESET_DEVICE = 17
NO_OP = 23
_NAMES = (
    "Enable Slot,Disable Slot,Address Device,Configure Endpoint,Evaluate Context,Reset Endpoint,"
    "Stop Endpoint,Set TR Dequeue Pointer,Reset Device"
)
_USBSTS = const(0x04)  # §5.4.2
_STS_HCH = const(1 << 0)
CRCR = 0x18  # §5.4.5
_CRCR_CA = const(1 << 2)
_CRCR_CRR = const(1 << 3)
_LIMIT_MS = const(2000)  # Linux gives 5 s; observed on Parallels: 20 to 140 µs
_MEND_MS = const(1000)  # of endpoints; with an abort it is less than usbloop grants a cancel
_ABORT_MS = const(500)
_STEP_MS = const(5)

SUCCESS = 1  # completion codes, §6.4.5
SHORT = 13
STATE = 19  # Context State Error
_CODES = (
    "Invalid,Success,Data Buffer,Babble,Transaction,TRB,Stall,Resource,Bandwidth,No Slots,"
    "Invalid Stream,Slot Not Enabled,Endpoint Not Enabled,Short Packet,Ring Underrun,Ring Overrun,"
    "VF Event Ring Full,Parameter,Bandwidth Overrun,Context State,No Ping Response,"
    "Event Ring Full,Incompatible Device,Missed Service,Command Ring Stopped,Command Aborted,"
    "Stopped,Stopped - Length Invalid,Stopped - Short Packet,Max Exit Latency,Reserved 30,"
    "Isoch Buffer Overrun,Event Lost,Undefined,Invalid Stream ID,Secondary Bandwidth,"
    "Split Transaction"
).split(",")
_ERRNO = {
    2: 5,  # EIO
    3: usbwait.EOVERFLOW,
    4: usbwait.EPROTO,
    6: usbwait.EPIPE,
    7: 12,  # ENOMEM
    8: 28,  # ENOSPC
    9: 12,
    11: usbwait.ENODEV,
    17: 22,  # EINVAL
    20: usbwait.EPROTO,
    22: usbwait.EPROTO,
    25: usbwait.ECANCELED,
    36: usbwait.EPROTO,
}


def code_name(code):
    """A completion code's name."""
    if code < len(_CODES):
        return _CODES[code]
    return "Lost" if code == xhciring.LOST else "Vendor %d" % code


def code_errno(code):
    """The errno for what is no success."""
    return _ERRNO.get(code, 5)


class Command(usbwait.Wait):
    """One command, to be waited for.  code, slot: of its completion; actual is the slot."""

    limit_ms = _LIMIT_MS

    def __init__(self, ring, control, parameter, status):
        super().__init__()
        self.words = control, parameter, status
        if RESET_ENDPOINT <= control >> 10 & 63 <= SET_DEQUEUE:
            self.limit_ms = _MEND_MS
        self.status = usbwait.PENDING
        self.code = 0
        self.slot = 0
        self.given_up = False
        self.then = None  # called at its end
        self._ring = ring

    def __repr__(self):
        kind = (self.words[0] >> 10 & 63) - ENABLE_SLOT
        names = _NAMES.split(",")
        name = names[kind] if 0 <= kind < len(names) else "No Op"
        slot = self.words[0] >> 24 or self.slot
        return "%s%s" % (name, " for slot %d" % slot if slot else "")

    def outcome(self):
        """How it ended, in words."""
        return code_name(self.code) if self.code else "no answer"

    def finish(self, status):
        """It has ended."""
        self.status = status
        if self.then is not None:
            self.then()
        super().finish(status)

    def cancel(self):
        """Abort it; it ends with -ECANCELED, unless it is done after all."""
        if self.status == usbwait.PENDING:
            self._ring.abort(self)


class CommandRing:
    """op: the operational registers.  died(why): the ring cannot be brought back."""

    def __init__(self, events, op, name, log, died):
        self.ring = xhciring.Ring(events, 0, 0)
        self._op = op
        self._name = name
        self._log = log
        self._died = died
        self._pending = {}  # by cookie
        self._cookie = 0
        self._aborting = None
        self.dead = True

    def program(self):
        """Hand the emptied ring to the controller, which is halted or has its ring stopped."""
        self.ring.reset()
        address = self.ring.address
        self._op[CRCR] = address & 0xFFFFFFFF  # low, high: only 32-bit accesses (reference §6.1)
        self._op[CRCR + 4] = address >> 32
        self.dead = False

    def do(self, kind, slot=0, flags=0, parameter=0, status=0):
        """A Command, issued.  kind: ENABLE_SLOT …; flags: of dword 3."""
        command = Command(self, kind << 10 | flags | slot << 24, parameter, status)
        if self.dead:
            command.finish(-usbwait.ENODEV)
            return command
        self._cookie = cookie = self._cookie + 1 & 0xFFFF
        self._pending[cookie] = command
        if self._aborting is None:
            self._issue(cookie, command)
        return command

    def _issue(self, cookie, command):
        control, parameter, status = command.words
        code = self.ring.command(control, cookie, parameter, status)
        if code:
            self._pending.pop(cookie, None)
            command.finish(code)

    def done(self, cookie, code, slot):
        """Its completion has come."""
        command = self._pending.pop(cookie, None)
        if command is None:
            return
        command.code = code
        command.slot = command.actual = slot
        kind = command.words[0] >> 10 & 63  # above it is the slot type
        if command.given_up and code == SUCCESS and kind == ENABLE_SLOT:
            self.do(DISABLE_SLOT, slot)  # too late, but it must not leak
            command.finish(-usbwait.ECANCELED)
        else:
            command.finish(0 if code == SUCCESS else -code_errno(code))

    def abort(self, command):
        """Give a Command up (§4.6.1.2): the ring is stopped and emptied, the others are redone."""
        command.given_up = True
        if self._aborting is None and not self.dead:
            self._aborting = usbtask.start(self._abort(), "xhci abort")

    def _abort(self):
        op = self._op
        late = [c for c in self._pending.values() if c.given_up]
        self._log(4, "xhci: %s: no answer to %s: aborted" % (self._name, late))
        op[CRCR] = _CRCR_CA  # the pointer is kept while the ring runs
        op[CRCR + 4] = 0
        left = _ABORT_MS
        while op[CRCR] & _CRCR_CRR and left > 0 and not self.dead:
            yield _STEP_MS
            left -= _STEP_MS
        yield _STEP_MS  # for the events that say so
        self._aborting = None
        if self.dead:
            return
        if op[CRCR] & _CRCR_CRR:
            self._died("the command ring does not stop")
            return
        if op[_USBSTS] & _STS_HCH:  # reset behind our back (reference K7)
            self._died("it has halted")
            return
        again, self._pending = self._pending, {}
        self.program()
        for cookie, command in again.items():
            if command.given_up:
                command.finish(-usbwait.ECANCELED)
            else:
                self._pending[cookie] = command
                self._issue(cookie, command)

    def end(self):
        """No command is answered any more: all end with -ENODEV."""
        self.dead = True
        pending, self._pending = self._pending, {}
        for command in pending.values():
            command.finish(-usbwait.ENODEV)

    def free(self):
        """The controller is halted: give the memory back."""
        self.end()
        self.ring.free()
