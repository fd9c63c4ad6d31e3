"""A device of the ACPI namespace: who it is, where it is, what it interrupts (ACPI 6.5 §6)."""

import aml_resources
from aml import Node
from aml_data import AmlError, Computed, Ref, eisa_id
from aml_eval import evaluate


def _id(value):
    """Text of an id; None of what is neither a number nor text."""
    if isinstance(value, int):
        return eisa_id(value)
    return value if isinstance(value, str) else None


class Device:
    """One Device().  Attributes are decoded when read; one that is absent is None or empty.

    What has to be executed is absent, too: .skipped names it.  .refused lists (name, why) of what
    was bad AML when it was read.
    """

    def __init__(self, space, node):
        self._space = space
        self.node = node
        self.refused = []
        self._crs = None

    def __repr__(self):
        return "<Device %s %s>" % (self.path, self.hid or self.cid or self.adr)

    @property
    def path(self):
        """'\\\\_SB.PCI0'."""
        return self.node.path

    def value(self, name, default=None):
        """Value of a name or constant method of this device: int, str, bytes, list or Ref.

        default: what an absent one gives, one that has to be executed, and one that is bad.
        """
        node = self.node.kid(name)
        if node is not None and node.kind == "Alias":
            node = self._space.find(name, self.node)
        if node is None:
            return default
        try:
            return evaluate(self._space, node)
        except Computed:
            return default
        except AmlError as why:
            self._refuse(name, why)
            return default

    def _refuse(self, name, why):
        if (name, str(why)) not in self.refused:
            self.refused.append((name, str(why)))

    @property
    def skipped(self):
        """Names of the methods of this device that have to be executed, sorted."""
        names = []
        for name, node in self.node.kids.items():
            if isinstance(node, Node) and node.kind == "Method":
                try:
                    evaluate(self._space, node)
                except Computed:
                    names.append(name)
                except AmlError as why:
                    self._refuse(name, why)
        return sorted(names)

    @property
    def hid(self):
        """_HID as text: 'PNP0A08' (§6.1.5)."""
        return _id(self.value("_HID"))

    @property
    def cids(self):
        """All of _CID, a tuple of texts (§6.1.2)."""
        found = self.value("_CID")
        ids = [_id(each) for each in (found if isinstance(found, list) else [found])]
        return tuple(each for each in ids if each is not None)

    @property
    def cid(self):
        """The first of _CID."""
        return self.cids[0] if self.cids else None

    def matches(self, name):
        """Whether name is its _HID or one of its _CID."""
        return self.hid == name or name in self.cids

    @property
    def uid(self):
        """_UID, int or str (§6.1.12)."""
        return self.value("_UID")

    @property
    def adr(self):
        """_ADR (§6.1.1)."""
        return self.value("_ADR")

    @property
    def sta(self):
        """_STA; 15 without one; None where it has to be executed (§6.3.7)."""
        return self.value("_STA") if "_STA" in self.node.kids else 15

    @property
    def cca(self):
        """_CCA of this device or the nearest above it that has one (§6.2.17)."""
        node = self.node
        while node is not None:
            if "_CCA" in node.kids:
                return self.value("_CCA") if node is self.node else Device(self._space, node).cca
            node = node.parent
        return None

    @property
    def cls(self):
        """_CLS: PCI's class code, (class, subclass, interface) (§6.1.3)."""
        found = self.value("_CLS")
        return tuple(found) if isinstance(found, list) else None

    def resources(self, name="_CRS"):
        """Descriptors of _CRS (or another template): list of dicts, see aml_resources.decode."""
        data = self.value(name)
        if not isinstance(data, bytes):
            return []
        try:
            return aml_resources.decode(data)
        except AmlError as why:
            self._refuse(name, why)
            return []

    @property
    def crs(self):
        """resources() of _CRS, decoded once."""
        if self._crs is None:
            self._crs = self.resources()
        return self._crs

    @property
    def memory(self):
        """[(base, bytes), …] that the device itself answers at."""
        found = []
        for r in self.crs:
            if r["kind"].endswith("Memory") and r["consumer"]:
                found.append((r["min"] + r["translation"], r["length"]))
            elif r["kind"] == "Memory32Fixed":
                found.append((r["base"], r["length"]))
            elif r["kind"] in ("Memory24", "Memory32"):
                found.append((r["min"], r["length"]))
        return found

    @property
    def irqs(self):
        """[(INTID, 'level' or 'edge', 'high' or 'low'), …]."""
        return _irqs(self.crs)

    @property
    def windows(self):
        """Address ranges that a bus hands on, and those of the device that are written this way.

        [(kind 'mem', 'io' or 'bus', first and last address on the bus, what is added to get the
        CPU's address, 16, 32 or 64, prefetchable), …].
        """
        kinds = ("mem", "io", "bus")
        return [
            (
                kinds[r["type"]],
                r["min"],
                r["max"],
                r["translation"],
                r["bits"],
                r.get("caching") == "Prefetchable",
            )
            for r in self.crs
            if r.get("type", 3) < 3
        ]

    @property
    def prt(self):
        """Interrupt routing of a PCI bus (§6.2.13): [(address, pin 0-3, source, INTID), …].

        source: path of the link device ('' where the INTID is wired); its INTID is that of its
        _CRS, else the first that _PRS offers; None where neither says.
        """
        found = []
        links = {}
        table = self.value("_PRT")
        for entry in table if isinstance(table, list) else ():
            if not isinstance(entry, list) or len(entry) != 4:
                self._refuse("_PRT", "entry of a wrong shape")
                continue
            address, pin, source, index = entry
            if not isinstance(address, int) or not isinstance(pin, int):
                self._refuse("_PRT", "entry without an address or pin")
                continue
            index = index if isinstance(index, int) else None
            if source == 0:
                found.append((address, pin, "", index))
                continue
            name = source.name if isinstance(source, Ref) else str(source)
            if (name, index) not in links:
                links[name, index] = self._link(name, index)
            found.append((address, pin) + links[name, index])
        return found

    def _link(self, name, index):
        """Path of a link device and its interrupt."""
        node = self._space.find(name, self.node)
        if node is None or index is None:
            self._refuse("_PRT", "no link device %s" % name)
            return (name, None)
        link = Device(self._space, node)
        for template in ("_CRS", "_PRS"):
            irqs = _irqs(link.resources(template))
            if index < len(irqs):
                return (link.path, irqs[index][0])
        return (link.path, None)


def _irqs(resources):
    return [
        (intid, r["trigger"], r["polarity"])
        for r in resources
        if "interrupts" in r
        for intid in r["interrupts"]
    ]
