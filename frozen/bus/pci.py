"""PCI and PCI Express: what is there, its registers, memory and interrupts (PCI 3.0, PCIe 5.0).

pci.scan(), pci.find(0x1234, 0x11e8), fn.bar(0), fn.irq(handler), pci.lspci("vv").
"""

import errno

import klog

import pci_assign
import pci_host
import pci_walk


class Bus:
    """All functions of some Hosts.  functions: in order of address; problems: texts."""

    def __init__(self, hosts):
        self.hosts = hosts
        self.functions = []
        self.problems = []

    def scan(self, known=()):
        """Walk, read, and assign what lacks an address.

        known: Functions of an earlier scan.  One that is still where it was stays the same object
        and is not sized again: its driver runs.
        """
        old = {f.bdf: f for f in known}
        self.functions = []
        self.problems = []
        for host in self.hosts:
            walk = pci_walk.Walk(host, old).run(host.roots())
            assignment = pci_assign.Assignment(host)
            pci_walk.read_resources(walk.functions)
            assignment.run()
            self.functions += walk.functions
            self.problems += walk.problems + assignment.problems
            self.problems += pci_assign.check(host, walk.functions)
        for text in self.problems:
            klog.log(klog.WARN, "pci: " + text)
        return self.functions


_bus = None  # the one cache: what scan() found


def scan():
    """List of all Functions; the first call looks, later ones give the same list."""
    return _bus.functions if _bus else rescan()


def rescan():
    """Look again.  Functions that are still there stay the same objects."""
    global _bus
    bus = Bus(_bus.hosts if _bus else pci_host.hosts())
    bus.scan(_bus.functions if _bus else ())
    _bus = bus
    return bus.functions


def problems():
    """Texts: what is wrong with the machine's PCI, as far as scan() saw."""
    scan()
    return _bus.problems


def find(vendor=None, device=None, *, class_=None):
    """The first Function of that vendor, device and class.  Raises OSError(ENODEV) for none.

    class_: 24 bits, or 16 for class and subclass whatever the programming interface.
    """
    found = find_all(vendor, device, class_=class_)
    if not found:
        raise OSError(errno.ENODEV, "no such PCI function")
    return found[0]


def find_all(vendor=None, device=None, *, class_=None):
    """List of the Functions of that vendor, device and class, as find()."""
    return [
        f
        for f in scan()
        if (vendor is None or f.vendor == vendor)
        and (device is None or f.device == device)
        and (class_ is None or class_ == f.class_ or class_ == f.class_ >> 8)
    ]


def function(bdf):
    """The Function at "00:03.0".  Raises OSError(ENODEV)."""
    for f in scan():
        if f.bdf == bdf:
            return f
    raise OSError(errno.ENODEV, bdf)


def lspci(options="", only=None):
    """Print what scan() found as lspci does.

    options: of "v", "vv", "n" (numbers), "nn" (both), "x" (64 bytes), "xxx" (256), "xxxx" (all),
    together as in "nnvv"; only: one Function or bdf.  Raises ValueError for other options,
    OSError(ENODEV).
    """
    if not isinstance(options, str) or options.strip("nvx"):
        raise ValueError("options are of n, v and x: %r" % (options,))
    import lspci as printer

    if isinstance(only, str):
        only = function(only)
    printer.show(scan() if only is None else [only], options)
