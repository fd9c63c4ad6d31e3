"""A host controller without registers: usbcore's interface straight onto scripted devices.

Completions come with the clock, as interrupts do, or with poll().  slots, pending and the calls
that came are there to be counted; trouble() makes the next steps of the controller fail.
"""

import usbport
import usbtask
from usbloop import Loop
from usbwait import error

import dma
from simtime import Clock, Timer
from usb_devices import Stall
from usb_roothub import RootHub

_LATENCY_US = 100


class Hcd:
    """super_ports and ports: how many of each kind.  powered: whether they are from the start."""

    name = "sim"
    speeds = ("low", "full", "high", "super")
    irq = True

    def __init__(self, clock, ports=4, super_ports=4, powered=True, shared_address0=False):
        self.clock = clock
        self.capture = None
        self.bus = None
        self.shared_address0 = shared_address0
        self.usb3 = RootHub(self, super_ports, 3)
        self.usb2 = RootHub(self, ports, 2)
        self.roothubs = [self.usb3, self.usb2]
        if powered:
            for hub in self.roothubs:
                hub.state = [usbport.POWER] * (hub.ports + 1)
        self.slots = {}  # core's device: model's
        self.pending = []  # [transfer, due]
        self.calls = []
        self.troubles = {}  # name of a call: [errno, …] for the next ones
        self.dead_ports = {}
        self.mute = False  # transfers to what was unplugged do not end, as on QEMU's xHCI
        self.submitted = 0
        self.closed = False
        self._polling = False
        clock.on_pass.append(self.poll)
        clock.sources.append(self._next)

    def _next(self):
        times = [entry[1] for entry in self.pending if entry[1] > self.clock.us]
        return min(times) if times else None

    def _find(self, device):
        """The model of a core's device, by the way to it; None when there is none."""
        model = device.root.plugged.get(device.root_port)
        for n in range(device.depth):
            if model is None:
                return None
            model = model.behind(device.route >> 4 * n & 15)
        return model

    def _call(self, name, device):
        self.calls.append(name)
        todo = self.troubles.get(name)
        if todo:
            number = todo.pop(0)
            if number:
                raise error(number, name)

    def attach(self, device):
        yield 1
        self._call("attach", device)
        model = self._find(device)
        if model is None:
            raise error(71, "attach")
        used = [d.address for d in self.slots]
        address = 1
        while address in used:
            address += 1
        self.slots[device] = model
        device.address = model.address = address

    def packet_size(self, device, n):
        yield 1
        self._call("packet_size", device)

    def configure(self, device, endpoints, then=()):
        yield 1
        self._call("configure", device)
        for e in endpoints:
            e.hcd_data = self
        yield from then

    def as_hub(self, device, ports, multi_tt, think_time):
        yield 1
        self._call("as_hub", device)

    def detach(self, device):
        self.calls.append("detach")
        for entry in list(self.pending):
            if entry[0].endpoint.device is device:
                self._end(entry, -125)
        yield 1
        self.slots.pop(device, None)

    def reset_endpoint(self, endpoint, first=()):
        yield 1
        yield from first
        self._call("reset_endpoint", endpoint.device)

    def drain(self, endpoint):
        yield 1
        for entry in list(self.pending):
            if entry[0].endpoint is endpoint:
                self._end(entry, -125)

    def submit(self, transfer):
        self.submitted += 1
        device = transfer.endpoint.device
        if device not in self.slots:
            return -19
        if transfer.endpoint is not device.ep0:
            if device.endpoints.get(transfer.endpoint.address) is not transfer.endpoint:
                return -22
        wait = _LATENCY_US
        if transfer.endpoint.kind == "interrupt":
            wait = max(wait, self.slots[device].pace_us)
        self.pending.append([transfer, self.clock.ticks_us() + wait])
        return 0

    def cancel(self, transfer):
        for entry in self.pending:
            if entry[0] is transfer:
                self._end(entry, -125)
                return

    def poll(self):
        if self._polling:
            return
        self._polling = True
        try:
            for entry in list(self.pending):
                if entry in self.pending and entry[1] <= self.clock.ticks_us():
                    self._try(entry)
        finally:
            self._polling = False

    def _end(self, entry, status, actual=0, code=""):
        if entry in self.pending:
            self.pending.remove(entry)
            entry[0].finish(status, actual, code)

    def _try(self, entry):
        t = entry[0]
        device = t.endpoint.device
        model = self.slots.get(device)
        if model is None or self._find(device) is not model:
            if not self.mute:
                self._end(entry, -71, 0, "USB Transaction Error")
            return
        if t.setup is not None and model.address != device.address:
            return  # somebody reset it: nobody answers
        view = dma.memory(t.buffer)[t.offset : t.offset + t.length] if t.length else b""
        try:
            if t.setup is not None:
                if len(entry) > 2:
                    return  # asked once
                entry.append(True)
                out = b"" if t.setup[0] & 128 else bytes(view)
                answer = model.control(bytes(t.setup), out)
            elif t.endpoint.is_in:
                answer = model.read(t.endpoint.address, t.length)
            else:
                answer = model.write(t.endpoint.address, bytes(view))
        except Stall:
            if t.setup is None:
                model.halted.add(t.endpoint.address)
            self._end(entry, -32, 0, "Stall")
            return
        if answer is None:
            return
        if t.is_in:
            if len(answer) > t.length:
                self._end(entry, -75, 0, "Babble")
                return
            view[: len(answer)] = answer
            self._end(entry, 0, len(answer), "Success")
        else:
            self._end(entry, 0, t.length, "Success")

    def deinit(self):
        self.closed = True
        if self.poll in self.clock.on_pass:
            self.clock.on_pass.remove(self.poll)


class Rig:
    """clock, hcd, bus; log: (level, text).  devices: {port of the USB 2 hub: model}, supers."""

    def __init__(self, devices=None, supers=None, **options):
        import usbcore

        dma.reset()
        dma.lend = True
        del usbcore._drivers[:]
        del usbcore._numbers[:]
        self.clock = Clock()
        usbtask.use(Loop(self.clock, Timer(self.clock), self.clock.skip))
        self.hcd = Hcd(self.clock, **options)
        for port, model in (devices or {}).items():
            self.hcd.usb2.plug(port, model)
        for port, model in (supers or {}).items():
            self.hcd.usb3.plug(port, model)
        self.log = []
        self.bus = usbcore.Bus(self.hcd, lambda level, text: self.log.append((level, text)))

    def settle(self, least_ms=0):
        usbtask.run(self.bus.settle(least_ms))

    def texts(self, below=9):
        return [text for level, text in self.log if level < below]

    def close(self):
        """Detach everything; nothing may be left."""
        usbtask.run(self.bus.close())
        self.balanced()
        assert self.bus.devices == [] and self.hcd.closed

    def balanced(self, devices=0):
        """slots, transfers, tasks and buffers are those of so many devices."""
        assert len(self.hcd.slots) == devices, self.hcd.slots
        assert self.hcd.pending == [], self.hcd.pending
        assert usbtask.loop().tasks == [], usbtask.loop().tasks
        assert dma.stats()[0] == devices, dma.stats()
