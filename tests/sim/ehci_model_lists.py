"""What the model of an EHCI controller does with queue heads (EHCI 1.0 §3.5, §3.6, §4.10).

One visit of a queue head moves a packet.  Data toggles are kept for the devices, too: a packet
with the wrong one is an AssertionError, as it would be lost in silence.
"""

import dma
from ehci_model_queue import Queue, put, words
from usb_devices import Stall
from usb_toggles import Toggles

_ACTIVE, _HALTED, _BUFFER, _BABBLE, _XACT, _MISSED = 0x80, 0x40, 0x20, 0x10, 8, 4
_PACKETS = 400  # in a frame
_INT, _ERRINT = 1, 2


class Lists:
    """ehci: the controller."""

    def __init__(self, ehci):
        self.ehci = ehci
        self.walked = 0  # visits that moved something
        self.naks = 0
        self.seen = []  # queue heads in the asynchronous list, as hardware may have them still
        self.ghosts = []
        self.recent = []  # those of the last two frames' periodic lists
        self.toggles = Toggles()
        self.setups = {}  # (device's id): control transfer under way
        self.most = 0  # queue heads in one frame
        self.collide = False  # two devices at an address: a transaction error, no AssertionError

    def forget(self):
        self.seen, self.ghosts, self.recent = [], [], []

    def reset(self, device):
        """A device lost what it knew."""
        self.toggles.reset(device)
        self.setups.pop(id(device), None)

    # ---- walking

    def asynchronous(self, first):
        ring = []
        at = first
        while True:
            q = Queue(at)
            ring.append(at)
            assert len(ring) < 200, "the asynchronous list does not end"
            assert q.link & 1 == 0 and q.link & 6 == 2, "type of a link: 0x%x" % q.link
            assert not q.smask, "an interrupt endpoint in the asynchronous list"
            at = q.link & ~31
            if at == first:
                break
        heads = [at for at in ring if Queue(at).character >> 15 & 1]
        assert len(heads) == 1, "one head of the reclamation list"
        self.ghosts = self.ghosts + [at for at in self.seen if at not in ring]
        self.seen = ring
        budget = _PACKETS
        moved = True
        while moved and budget > 0:
            moved = False
            for at in ring + self.ghosts:
                if at != heads[0] and self.visit(at, at in self.ghosts):
                    moved = True
                    budget -= 1

    def answered(self):
        """The doorbell: what was unlinked is software's."""
        self.ghosts = []

    def stopped(self, first):
        """The asynchronous list is walked no more; the queue head to go on with (§4.8)."""
        following = (self.seen[1:] or [first])[0]
        self.seen, self.ghosts = [], []
        return following

    def periodic(self, base, index):
        link = words(base + 4 * index, 1)[0]
        now = []
        while not link & 1:
            assert link & 6 == 2, "type of a link: 0x%x" % link
            at = link & ~31
            now.append(at)
            assert len(now) < 100, "a periodic list does not end"
            q = Queue(at)
            assert q.smask, "no microframe"
            link = q.link
        self.most = max(self.most, len(now))
        for at in now:
            q = Queue(at)
            for u in range(8):
                if q.smask >> u & 1:
                    self.visit(at)
        for at in [at for part in self.recent for at in part if at not in now]:
            dma.find(at, 48)  # hardware may read it still
        self.recent = [now] + self.recent[:1]

    # ---- a visit

    def visit(self, at, ghost=False):
        """Move a packet; whether one did."""
        q = Queue(at)
        if q.token & _HALTED:
            return False
        if not q.token & _ACTIVE and not self.advance(q):
            return False
        device = self.find(q)
        if device is None:
            return self.error(q, _XACT)
        pid = q.token >> 8 & 3
        number = q.endpoint | (0x80 if pid == 1 and not q.control else 0)
        bits = self.ehci.trouble.get((device, number))
        if bits:
            return self.error(q, bits)
        try:
            return self.packet(q, device, pid, number)
        except Stall:
            self.end(q, _HALTED)
            self.ehci.cause(_ERRINT)
            return True

    def advance(self, q):
        """Fetch the next qTD into the overlay (§4.10.2)."""
        link = q.next
        if q.token >> 16 & 0x7FFF and not q.alt & 1:
            link = q.alt
        if link & 1:
            return False
        at = link & ~31
        qtd = words(at, 8)
        if not qtd[2] & _ACTIVE:
            return False
        assert not qtd[2] & 0x7C, "status of a new qTD: 0x%x" % qtd[2]
        assert qtd[2] >> 10 & 3 == 3, "CERR"
        toggle = qtd[2] & 1 << 31 if q.by_qtd else q.token & 1 << 31
        q.current, q.next, q.alt = at, qtd[0], qtd[1]
        q.token = qtd[2] & ~(1 << 31) | toggle
        put(q.at + 0x1C, *qtd[3:8])
        q.write()
        return True

    def find(self, q):
        found = []
        for device, hub, port in self.ehci.reached():
            if device.address == q.address:
                found.append((device, hub, port))
        assert self.collide or len(found) < 2, "two devices at address %d" % q.address
        if len(found) != 1:
            return None
        device, hub, port = found[0]
        assert q.speed == device.speed, "speed of a queue head"
        if q.speed == "high":
            assert not q.cmask and not q.character >> 27 & 1
            return device
        assert q.capabilities >> 16 & 127 == hub.address, "hub of a split"
        assert q.capabilities >> 23 & 127 == port, "port of a split"
        assert q.character >> 27 & 1 == q.control, "C"
        if q.smask:
            start = [u for u in range(8) if q.smask >> u & 1]
            assert len(start) == 1 and q.cmask == 0x1C << start[0] & 0xFF and start[0] < 4
        return device

    def error(self, q, bits):
        """A transaction failed: again, three times (§4.15.1.1)."""
        left = (q.token >> 10 & 3) - 1
        q.token = q.token & ~(3 << 10) | left << 10
        if bits != _XACT:
            left = 0
        if left > 0:
            q.write()
            return True
        self.end(q, _HALTED | bits)
        self.ehci.cause(_ERRINT)
        return True

    def end(self, q, status):
        """The qTD is done with: write it back."""
        q.token = q.token & ~_ACTIVE | status
        q.write()
        put(q.current + 8, q.token)
        if q.token >> 15 & 1 or q.token >> 16 & 0x7FFF:
            self.ehci.cause(_INT)

    def memory(self, q, n):
        """[(buffer, offset, length)] of the next n bytes, and (page, offset) behind them."""
        pages = words(q.at + 0x1C, 5)
        page, off = q.token >> 12 & 7, pages[0] & 4095
        out = []
        while n:
            part = min(n, 4096 - off)
            assert page < 5, "more than five pages"
            buf, where = dma.find((pages[page] & ~4095) + off, part)
            out.append((buf, where, part))
            n -= part
            page, off = page + (off + part) // 4096, (off + part) % 4096
        return out, (page, off)

    def packet(self, q, device, pid, number):
        left = q.token >> 16 & 0x7FFF
        toggle = q.token >> 31 & 1
        if pid == 2:
            return self.setup(q, device)
        if q.control:
            answer = self.control(q, device, pid, left)
        elif pid == 1:
            answer = device.read(number, q.mps)
        else:
            n = min(left, q.mps)
            answer = device.write(number, self.gather(q, n))
            answer = b"\0" * n if answer is not None else None
        if answer is None:
            self.naks += 1
            return False
        if pid == 1 and len(answer) > min(left, q.mps):
            self.end(q, _HALTED | _BABBLE)
            self.ehci.cause(_ERRINT)
            return True
        parts, (page, off) = self.memory(q, len(answer))
        i = 0
        for buf, where, part in parts if pid == 1 else ():
            buf[where : where + part] = answer[i : i + part]
            i += part
        put(q.at + 0x1C, words(q.at + 0x1C, 1)[0] & ~4095 | off)
        q.token = q.token & ~(7 << 12) | (page & 7) << 12
        self.walked += 1
        if q.control:
            assert toggle == self.setups[id(device)]["toggle"], "toggle of the default pipe"
            self.setups[id(device)]["toggle"] ^= 1
        else:
            self.toggles.moved(device, number, toggle)
        left -= len(answer)
        q.token = q.token & ~(0x7FFF << 16) & ~(1 << 31) | left << 16 | (toggle ^ 1) << 31
        if left == 0 or len(answer) < q.mps:
            self.end(q, 0)
        else:
            q.write()
        return True

    def gather(self, q, n):
        return b"".join([bytes(b[w : w + part]) for b, w, part in self.memory(q, n)[0]])

    # ---- the default pipe

    def setup(self, q, device):
        assert q.token >> 16 & 0x7FFF == 8 and not q.token >> 31, "SETUP"
        data = self.gather(q, 8)
        length = data[6] | data[7] << 8
        state = {"setup": data, "toggle": 1, "out": b"", "in": None}
        state["length"], state["moved"] = length, 0
        self.setups[id(device)] = state
        if data[0] & 128 and length:
            try:
                state["in"] = device.control(data)
            except Stall:
                state["in"] = Stall
        q.token = q.token & ~(0x7FFF << 16) | 1 << 31
        self.end(q, 0)
        return True

    def control(self, q, device, pid, left):
        """The packet of a data or status stage; None: NAK."""
        state = self.setups[id(device)]
        setup, length = state["setup"], state["length"]
        reads = setup[0] & 128 and length
        if state["in"] is Stall:
            raise Stall
        if reads and pid == 1:
            if state["in"] is None:
                return None
            part, state["in"] = state["in"][: q.mps], state["in"][q.mps :]
            state["moved"] += len(part)
            if state["moved"] >= length:  # more than was asked for comes, too
                part += state["in"]
            return part
        if reads:  # its status
            state["toggle"] = 1
            assert left == 0
            return None if state["in"] is None else b""
        if pid == 0 and length and len(state["out"]) < length:
            n = min(left, q.mps)
            state["out"] += self.gather(q, n)
            return b"\0" * n
        state["toggle"] = 1
        if "answer" not in state:
            state["answer"] = device.control(setup, state["out"])
            if state["answer"] is not None:
                self.toggles.requested(device, setup)
        return state["answer"] if state["answer"] is None else b""
