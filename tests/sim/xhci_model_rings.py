"""Transfer rings of the model of an xHCI controller (xHCI 1.2 §4.9 to §4.11).

Devices are those of usb_devices.  A device's Fault(code) ends a transfer with that code.
"""

import struct

import dma
from usb_devices import Stall

SUCCESS, STALL, DISABLED, SHORT, STATE = 1, 6, 12, 13, 19
HALTS = (3, 4, 6, 12, 36)
_NORMAL, _SETUP, _DATA, _STATUS, _LINK, _NOOP = 1, 2, 3, 4, 6, 8


class Fault(Exception):
    """A transfer ends with this completion code."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def ring_next(at, cycle):
    """(address, words, (address, cycle) behind it) of the next TRB, or None; past Links."""
    for _ in range(4):
        buf, off = dma.find(at, 16)
        words = struct.unpack_from("<4I", buf, off)
        if words[3] & 1 != cycle:
            return None
        if words[3] >> 10 & 63 != _LINK:
            return at, words, (at + 16, cycle)
        at = words[0] | words[1] << 32
        cycle ^= words[3] >> 1 & 1
    raise AssertionError("Links only")


class Pipe:
    """state: 1 running, 2 halted, 3 stopped."""

    def __init__(self, xhci, slot, index, owner, words):
        self.xhci = xhci
        self.slot = slot
        self.index = index
        self.owner = owner
        self.state = 1
        self.kind = words[1] >> 3 & 7
        self.mps = words[1] >> 16
        self.words = words
        pointer = words[2] | words[3] << 32
        self.at, self.cycle = pointer & ~15, pointer & 1
        self.rung = 0
        self.toggle = 0  # or the sequence number's last bit
        self.halts = HALTS
        self.silent = False  # the device has left a control request without an answer

    def change(self, state):
        self.state = state
        self.xhci.slots.set_state(self.slot, self.index, state)

    def ring_doorbell(self):
        assert self.state != 2, "a doorbell of a halted endpoint"
        self.rung += 1
        self.change(1)

    def reset(self, parameter):
        if self.state != 2:
            return STATE
        self.change(3)
        self.rung = self.toggle = 0  # §4.6.8, TSP=0
        return SUCCESS

    def stop(self, parameter):
        if self.state == 2:
            return STATE
        found = self.rung and ring_next(self.at, self.cycle)
        if self.state == 1 and found:
            self.event(found[0], found[1][2] & 0x1FFFF, 26)
        self.change(3)
        self.rung = 0
        self.silent = False
        return SUCCESS

    def dequeue(self, parameter):
        if self.state in (1, 2):
            return STATE
        self.at, self.cycle = parameter & ~15, parameter & 1
        return SUCCESS

    def event(self, at, residual, code):
        flags = self.slot << 24 | self.index << 16
        self.xhci.event(at & 0xFFFFFFFF, at >> 32, code << 24 | residual, 32, flags)

    def run(self):
        """Do what is in the ring, one TD at a time, until the device has nothing."""
        for _ in range(100):
            if not self.rung or self.state != 1 or self.silent:
                return
            try:
                if not (self.control() if self.kind == 4 else self.normal()):
                    return
            except (Fault, Stall) as why:
                code = getattr(why, "code", STALL)
                if code in self.halts:
                    self.change(2)
                else:
                    self.at, self.cycle = self.behind
                self.event(self.fault_at, self.left, code)

    def trbs(self):
        """The TRBs of one TD, or [] when it is not complete."""
        out = []
        at, cycle = self.at, self.cycle
        while True:
            found = ring_next(at, cycle)
            if found is None:
                return []
            where, words, (at, cycle) = found
            out.append((where, words, (at, cycle)))
            kind = words[3] >> 10 & 63
            if self.kind == 4 and kind != _STATUS:
                continue
            if not words[3] & 0x10:
                return out

    def connected(self):
        port = self.xhci.ports[self.owner.port - 1]
        device = port.device
        route = self.owner.route
        while device is not None and route:
            device = device.behind(route & 15)
            route >>= 4
        if device is not self.owner.device:
            raise Fault(4)
        return port

    def control(self):
        td = self.trbs()
        if not td:
            return False
        self.fault_at, words, _ = td[0]
        self.behind = td[-1][2]
        self.left = 8
        assert words[3] >> 10 & 63 == _SETUP and words[3] & 0x40 and words[2] & 0x1FFFF == 8
        setup = struct.pack("<II", words[0], words[1])
        length = setup[6] | setup[7] << 8
        is_in = setup[0] > 127
        assert words[3] >> 16 & 3 == (0 if not length else 3 if is_in else 2), "TRT"
        data, status = td[1:-1], td[-1]
        assert sum(w[2] & 0x1FFFF for _, w, _ in data) == length
        self.connected()
        for at, w, _ in data:
            assert bool(w[3] >> 16 & 1) == is_in or w[3] >> 10 & 63 == _NORMAL, "DIR"
            self.fault_at = at
            self.left = length
        applied = bool(status[1][3] >> 16 & 1) == (not (is_in and length))
        if not applied and not length:
            self.at, self.cycle = status[2]
            self.event(status[0], 0, SUCCESS)  # U12: not applied
            return True
        assert applied, "DIR of the status stage"
        out = b"" if is_in else self.gather(data)
        device = self.owner.device
        if not device.value and setup[:2] == b"\xa1\x01":
            answer = setup[:length]  # U14
        else:
            answer = device.control(setup, out)
            if answer is not None:
                self.xhci.toggles.requested(device, setup)
        if answer is None:
            self.silent = True
            return False
        self.at, self.cycle = status[2]
        if is_in:
            self.scatter(data, answer)
        self.fault_at = status[0]
        self.event(status[0], 0, SUCCESS)
        return True

    def gather(self, td):
        out = b""
        for _, words, _ in td:
            size = words[2] & 0x1FFFF
            if words[3] & 0x40:
                out += struct.pack("<II", words[0], words[1])[:size]
            elif size:
                buf, off = dma.find(words[0] | words[1] << 32, size)
                out += bytes(buf[off : off + size])
        return out

    def scatter(self, td, data):
        """Into the TD's buffers; a short packet's event where ISP asks for it.  Whether short."""
        for at, words, _ in td:
            size = words[2] & 0x1FFFF
            part, data = data[:size], data[size:]
            if part:
                buf, off = dma.find(words[0] | words[1] << 32, size)
                buf[off : off + len(part)] = part
            if len(part) < size:
                self.event(at, size - len(part), SHORT)
                return True
        if data:
            raise Fault(3)  # babble
        return False

    def normal(self):
        td = self.trbs()
        if not td:
            return False
        self.fault_at = td[0][0]
        self.behind = td[-1][2]
        self.left = sum(w[2] & 0x1FFFF for _, w, _ in td)
        for at, w, _ in td:
            if w[2] & 0x1FFFF:
                base = w[0] | w[1] << 32
                assert w[3] & 0x40 or base >> 16 == base + (w[2] & 0x1FFFF) - 1 >> 16, "64 KiB"
        port = self.connected()
        device = self.owner.device
        bad = "changes-hurt" in self.xhci.variants and port.portsc & 0x7F << 17
        if not device.value or port.hurt or bad:
            raise Fault(DISABLED)  # U13, U31, U32
        number = self.index // 2
        if self.index & 1:
            data = device.read(number | 0x80, self.left)
            if data is None:
                return False
            self.moved(number | 0x80, len(data))
            self.at, self.cycle = td[-1][2]
            if not self.scatter(td, data):
                self.event(td[-1][0], 0, SUCCESS)
        else:
            if device.write(number, self.gather(td)) is None:
                return False
            self.moved(number, self.left)
            self.at, self.cycle = td[-1][2]
            self.event(td[-1][0], 0, SUCCESS)
        return True

    def moved(self, endpoint, length):
        packets = max(1, -(-length // self.mps))
        self.xhci.toggles.moved(self.owner.device, endpoint, self.toggle, packets)
        self.toggle ^= packets & 1
