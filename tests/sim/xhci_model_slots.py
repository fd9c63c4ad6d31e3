"""Commands of the model of an xHCI controller: slots, contexts, states (xHCI 1.2 §4.5, §4.6)."""

import struct

import dma
from xhci_model_rings import Pipe, ring_next

_NAMES = {
    9: "enable", 10: "disable", 11: "address", 12: "configure", 13: "evaluate", 14: "reset-ep",
    15: "stop", 16: "dequeue", 17: "reset-device", 23: "no-op",
}  # fmt: skip
SUCCESS, TRB_ERROR, NO_SLOTS, NOT_ENABLED, PARAMETER, STATE = 1, 5, 9, 11, 17, 19
_TRANSACTION = 4
TYPES = {"control": 4, "bulk": 2, "interrupt": 3}


class Slot:
    def __init__(self):
        self.pipes = {}
        self.state = 0
        self.port = 0
        self.route = 0
        self.device = None


class Slots:
    def __init__(self, xhci):
        self.xhci = xhci
        self.slots = {}
        self.command_at = None
        self.count = 0
        self.silent = None  # a command that is not answered
        self.deaf = False

    def doorbell(self, slot, value):
        if slot == 0:
            assert value == 0
            self.xhci.running = True
            if "late" not in self.xhci.variants:
                self.commands()
        elif slot in self.slots and value in self.slots[slot].pipes:
            self.slots[slot].pipes[value].ring_doorbell()

    def tick(self):
        if "late" in self.xhci.variants:
            self.commands()
        for slot in list(self.slots.values()):
            for pipe in list(slot.pipes.values()):
                if pipe.state == 1:
                    pipe.run()

    # ---- the command ring

    def commands(self):
        while self.xhci.running and self.silent is None:
            if self.command_at is None:
                self.command_at = self.xhci.crcr & ~63, self.xhci.crcr & 1
            found = ring_next(*self.command_at)
            if found is None:
                return
            at, words, following = found
            self.command_at = following
            fault = self.xhci.commands.pop(self.count, None)
            self.count += 1
            if fault in ("silent", "deaf"):
                self.silent = at
                self.deaf = fault == "deaf"
                return
            code, slot = (fault, words[3] >> 24) if fault else self.execute(words)
            name = _NAMES[words[3] >> 10 & 63]
            self.xhci.log.append((name, slot, words[3] >> 16 & 31, code))
            self.complete(at, code, slot)

    def complete(self, at, code, slot):
        self.xhci.event(at & 0xFFFFFFFF, at >> 32, code << 24, 33, slot << 24)

    def abort(self):
        """§4.6.1.2: the command under way is aborted, the ring stands."""
        if self.silent is not None:
            self.complete(self.silent, 25, 0)
            self.silent = None
        at = self.command_at[0] if self.command_at else self.xhci.crcr & ~63
        self.complete(at, 24, 0)

    def execute(self, words):
        kind, slot = words[3] >> 10 & 63, words[3] >> 24
        parameter = words[0] | words[1] << 32
        if kind == 9:
            return self.enable()
        if kind == 23:
            return SUCCESS, 0
        if slot not in self.slots:
            return NOT_ENABLED, slot
        assert kind in _NAMES, "command %d" % kind
        index = words[3] >> 16 & 31
        if kind in (11, 12, 13):
            return getattr(self, _NAMES[kind])(slot, parameter, words[3]), slot
        if kind == 10:
            for pipe in self.slots.pop(slot).pipes.values():
                pipe.state = 0
            return SUCCESS, slot
        if kind == 17:
            return self.reset_device(slot), slot
        pipe = self.slots[slot].pipes.get(index)
        if pipe is None:
            return NOT_ENABLED, slot
        return getattr(pipe, {14: "reset", 15: "stop", 16: "dequeue"}[kind])(parameter), slot

    def enable(self):
        for slot in range(1, self.xhci.config + 1):
            if slot not in self.slots:
                self.slots[slot] = Slot()
                return SUCCESS, slot
        return NO_SLOTS, 0

    # ---- contexts

    def output(self, slot):
        """(buffer, offset) of the device context."""
        buf, at = dma.find(self.xhci.dcbaap + 8 * slot, 8)
        address = struct.unpack_from("<Q", buf, at)[0]
        assert address and address % 64 == 0, "no device context"
        return dma.find(address, 32 * self.xhci.stride)

    def put(self, slot, index, words):
        buf, at = self.output(slot)
        struct.pack_into("<%dI" % len(words), buf, at + index * self.xhci.stride, *words)

    def set_state(self, slot, index, state):
        buf, at = self.output(slot)
        at += index * self.xhci.stride
        word = struct.unpack_from("<I", buf, at)[0]
        struct.pack_into("<I", buf, at, word & ~7 | state)

    def inputs(self, address):
        """drop, add, and a function that gives five dwords of a context by its index."""
        stride = self.xhci.stride
        assert (
            address % 16 == 0
            and address // 4096 == (address + 33 * stride - 1) // 4096
            or (stride == 64 and address % 4096 == 0)
        )
        buf, at = dma.find(address, 33 * stride)
        drop, add = struct.unpack_from("<II", buf, at)
        assert not drop & 3, "D0 and D1 are reserved"
        return drop, add, lambda i: struct.unpack_from("<5I", buf, at + (i + 1) * stride)

    def address(self, slot, address, flags):
        s = self.slots[slot]
        if s.state > 1:
            return STATE
        drop, add, context = self.inputs(address)
        assert (drop, add) == (0, 3), "Address Device adds slot and default pipe"
        words = context(0)
        assert words[0] >> 27 == 1 and words[3] == 0
        s.port = words[1] >> 16 & 0xFF
        port = self.xhci.ports[s.port - 1]
        device = port.device
        route = words[0] & 0xFFFFF
        while device is not None and route:
            device = device.behind(route & 15)
            route >>= 4
        if device is None or not port.portsc & 2:
            return _TRANSACTION
        if device.address and "reset-hurts" not in self.xhci.variants:
            return _TRANSACTION  # only what was reset hears SET_ADDRESS to address 0
        s.device, s.route = device, words[0] & 0xFFFFF
        ep0 = context(1)
        assert ep0[1] >> 3 & 7 == 4 and ep0[1] >> 1 & 3 == 3 and ep0[4] & 0xFFFF == 8
        s.pipes = {1: Pipe(self.xhci, slot, 1, s, ep0)}
        s.state = 2
        device.address = slot
        self.put(slot, 0, (words[0], words[1], words[2], 2 << 27 | slot))
        self.put(slot, 1, (ep0[0] & ~7 | 1,) + tuple(ep0[1:]))
        return SUCCESS

    def configure(self, slot, address, flags):
        s = self.slots[slot]
        assert not flags & 1 << 9, "DC=1 is never answered (U9)"
        if s.state < 2:
            return STATE
        drop, add, context = self.inputs(address)
        assert add & 1, "A0 is set for Configure Endpoint"
        assert not add & 2, "nor A1"
        words = context(0)
        buf, at = self.output(slot)
        old = struct.unpack_from("<4I", buf, at)
        assert words[1] >> 16 & 0xFF == old[1] >> 16 & 0xFF, "another root port"
        assert words[0] & 0xFFFFFF == old[0] & 0xFFFFFF, "another route or speed"
        for i in range(2, 32):
            if drop >> i & 1:
                pipe = s.pipes.pop(i, None)
                assert pipe is None or pipe.state != 1, "a running endpoint is dropped"
                self.put(slot, i, (0,) * 5)
        for i in range(2, 32):
            if add >> i & 1:
                assert i not in s.pipes, "added without being dropped (U10)"
                ep = context(i)
                assert ep[1] >> 16 and ep[1] >> 1 & 3 == 3
                s.pipes[i] = Pipe(self.xhci, slot, i, s, ep)
                self.put(slot, i, (ep[0] & ~7 | 1,) + tuple(ep[1:]))
        last = max(s.pipes)
        assert words[0] >> 27 >= last, "Context Entries"
        s.state = 3 if last > 1 else 2
        self.put(slot, 0, (words[0], words[1], words[2], s.state << 27 | slot))
        return SUCCESS

    def evaluate(self, slot, address, flags):
        s = self.slots[slot]
        drop, add, context = self.inputs(address)
        assert not drop and add & 2
        ep = context(1)
        s.pipes[1].mps = ep[1] >> 16
        buf, at = self.output(slot)
        at += self.xhci.stride
        old = struct.unpack_from("<5I", buf, at)
        self.put(slot, 1, (old[0], old[1] & 0xFFFF | ep[1] & 0xFFFF0000))
        return SUCCESS

    def reset_device(self, slot):
        s = self.slots[slot]
        if s.state < 2:
            return STATE
        for i in list(s.pipes):
            s.pipes.pop(i).state = 0
            self.put(slot, i, (0,) * 5)
        s.state = 1
        buf, at = self.output(slot)
        words = struct.unpack_from("<4I", buf, at)
        self.put(slot, 0, (words[0] & ~(31 << 27) | 1 << 27, words[1], words[2], 1 << 27))
        return SUCCESS
