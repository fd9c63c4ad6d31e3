"""A machine with plugs for scripted devices, and what became of those that were put in."""

from usbmachines import CONTROLLERS as XHCI
from usbmachines import value
from usbredir import Server

CONTROLLERS = (*XHCI, "usb-ehci")


def pairs(*speeds):
    """(controller, speed): usb-ehci has high speed only."""
    return [(c, speed) for c in XHCI for speed in speeds] + [("usb-ehci", "high")]


PLUGS = 4  # ports that all of them have
LIMIT_MS = 120_000  # three tries, each with every one of its waits at its limit

_START = """
import dma, gc, time, usb, usbtask
bus, = usb.probe()
c = bus.hcd
said = []
def log(level, text):
    said.append(text)
bus.log = log
def idle():
    return not bus.busy() and all(task is None for task in usbtask.loop().tasks)
def told(port):
    return [text for text in said if "-%d:" % port in text or "-%d." % port in text]
def there(port):
    return [d.id for d in bus.devices if d.root_port == port]
def ended(port, vanishes):
    if there(port) and not vanishes:
        return True
    ends = "refused", "gone before", "unplugged"
    return any(word in text for text in told(port) for word in ends)
def until(what, limit_ms):
    begun = time.ticks_ms()
    while not what() and time.ticks_diff(time.ticks_ms(), begun) < limit_ms:
        time.sleep_ms(2)
def outcome(ports, limit_ms):
    until(lambda: idle() and all(ended(*pair) for pair in ports.items()), limit_ms)
    return [(there(port), told(port)) for port in sorted(ports)], idle()
def unplugged():
    until(lambda: not bus.devices and idle(), 10000)
    gc.collect()
    del said[:]
    buffers = dma.stats()[0]
    if hasattr(c, "slots"):
        held = len(c.slots.used), len([t for t in c._table._transfers if t is not None])
    else:  # its pool of descriptors stays as large as it has been
        pool = c.memory
        buffers -= len(pool._blocks)
        held = len(c.devices.used), len(c.pipes), 64 * len(pool._blocks) - len(pool._free)
    return len(bus.devices), held, buffers, c.restarts, idle()
"""
# What waits 5 s for an answer takes these paths after 0.5 s, too.
_HURRY = """
import usbbot, usbdevice
def hurried(run):
    def method(*words):
        return run(*words[:-1], min(words[-1], 500))
    return method
usbdevice.Device._request = hurried(usbdevice.Device._request)
usbbot.Bot._run = hurried(usbbot.Bot._run)
"""


class Rig:
    """plugs: a Server for each port.  left: what the target counts when nothing is plugged in.

    hurry: give up on devices that do not answer ten times sooner than a user's machine does.
    """

    def __init__(self, vm_factory, controller, hurry=False):
        self.controller = controller
        self.fastest = "super" if controller in XHCI else "high"
        self.plugs = [Server(f"redir{n}") for n in range(PLUGS)]
        device = [f"{controller},id=x"] + [
            plug.device(f"x.0,port={n}") for n, plug in enumerate(self.plugs, 1)
        ]
        extra = [word for plug in self.plugs for word in plug.extra]
        self.vm = vm_factory(device=device, extra=extra)
        self.repl = self.vm.repl()
        self.repl.exec(_START + (_HURRY if hurry else ""), timeout=60)
        self.left = self.empty()

    def share(self, cases):
        """What of these falls to this controller where each takes a part."""
        return cases[CONTROLLERS.index(self.controller) :: len(CONTROLLERS)]

    def close(self):
        for plug in self.plugs:
            plug.close()

    def empty(self):
        """What the target counts once everything is unplugged."""
        return value(self.repl, "unplugged()")

    def plug(self, models, vanish=()):
        """Put these in, side by side: (ids, log lines) of each once all have come to an end.

        vanish: those that are to be gone then.
        """
        ports = {}
        for n, model in enumerate(models):
            self.plugs[n].plug(model)
            ports[n + 1] = model in vanish
        limit_s = LIMIT_MS / 1000 + 30
        out, idle = value(self.repl, f"outcome({ports}, {LIMIT_MS})", limit_s)
        assert idle, out
        return out

    def run(self, models, vanish=()):
        """plug(), and out again: nothing of them is left."""
        out = self.plug(models, vanish)
        for n in range(len(models)):
            self.plugs[n].unplug()
        assert self.empty() == self.left, out
        assert [self.plugs[n].session.waiting for n in range(len(models))] == [0] * len(models)
        return out

    def requests(self, make):
        """The control transfers of a device that does what it should."""
        model = make()
        ((ids, said),) = self.run([model])
        assert ids and not any("refused" in line for line in said), said
        assert len(model.log) >= 6
        return model.log
