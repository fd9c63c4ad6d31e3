"""What a device tree says of a PCI host: its windows, and where the pins of its slots lead.

IEEE 1275 PCI binding 2.1 §4; Devicetree Specification 0.4 §2.4.3.
Not done: several ECAM hosts in one tree; controllers other than a GIC behind the map.
"""

from micropython import const

_GICS = ("arm,gic-v3", "arm,cortex-a15-gic", "arm,gic-400", "arm,cortex-a9-gic")
_CHILD = const(16)  # bytes: an address of 3 cells, a pin
_SPI = const(0)  # of a GIC's specifier: type, number, flags
_FIRST_SPI = const(32)
_FIRST_PPI = const(16)


def root(fdt_at):
    """(windows, function that gives the routes as _PRT entries) of the tree's ECAM host."""
    import fdt
    import physmem

    tree = fdt.Tree(physmem.ram().read, fdt_at)
    nodes = tree.find("pci-host-ecam-generic")
    windows = []
    for node in nodes:
        windows += ranges(node.props.get("ranges", b""))

    def prt():
        gics = {}
        for name in _GICS:
            for gic in tree.find(name):
                gics[gic.props.get("phandle")] = 4 * _cell(gic.props.get("#address-cells", b""))
        return [entry for node in nodes for entry in routes(node.props, gics)]

    return windows, prt


def _cell(data):
    return int.from_bytes(data[:4], "big")


def ranges(data):
    """Windows of a property "ranges": child address of 3 cells, parent's and size of 2 each."""
    found = []
    for at in range(0, len(data) - 27, 28):
        flags = int.from_bytes(data[at : at + 4], "big")
        first = int.from_bytes(data[at + 4 : at + 12], "big")
        cpu = int.from_bytes(data[at + 12 : at + 20], "big")
        size = int.from_bytes(data[at + 20 : at + 28], "big")
        space = flags >> 24 & 3
        if space and size:
            kind = "io" if space == 1 else "mem"
            bits = 64 if space == 3 else 32
            window = (kind, first, first + size - 1, cpu - first, bits, bool(flags >> 30 & 1))
            found.append(window)
    return found


def routes(props, gics):
    """[(slot << 16 | 0xffff, pin from 0, phandle, INTID), …] of an "interrupt-map", all slots.

    gics: {phandle: bytes of an address in it}.  The map ends at an entry for another controller,
    the length of which is not known.
    """
    mask = props.get("interrupt-map-mask", b"\xff" * _CHILD)
    slots, pins = _cell(mask), _cell(mask[12:])
    wired = {}
    for address, pin, source, intid in _entries(props.get("interrupt-map", b""), gics):
        wired.setdefault((address & slots, pin & pins), (source, intid))
    found = []
    for slot in range(32):
        for pin in range(4):
            to = wired.get((slot << 11 & slots, pin + 1 & pins))
            if to:
                found.append((slot << 16 | 0xFFFF, pin, to[0], to[1]))
    return found


def _entries(data, gics):
    """(first cell of the address, pin from 1, phandle, INTID) of each entry."""
    at = 0
    while at + _CHILD + 4 <= len(data):
        phandle = bytes(data[at + _CHILD : at + _CHILD + 4])
        if phandle not in gics:
            return
        to = at + _CHILD + 4 + gics[phandle]
        if to + 12 > len(data):
            return
        kind, number = _cell(data[to:]), _cell(data[to + 4 :])
        intid = number + (_FIRST_SPI if kind == _SPI else _FIRST_PPI)
        yield _cell(data[at:]), _cell(data[at + 12 :]), _cell(phandle), intid
        at = to + 12
