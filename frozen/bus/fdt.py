"""Flattened device tree: nodes by what they are compatible with (Devicetree Specification 0.4 §5).

Not done: writing; phandles; ranges of buses (addresses are those of the node's bus).
"""

import struct

from micropython import const

_MAGIC = const(0xD00DFEED)
_BEGIN = const(1)
_END = const(2)
_PROP = const(3)
_NOP = const(4)
_LAST = const(9)
_BYTES = const(0x100000)  # of a block
_DEPTH = const(32)


class FdtError(ValueError):
    """No device tree, or a broken one."""


class Node:
    """path: '/fw-cfg@9020000'; props: name -> bytes; reg: [(address, size), …]."""

    def __init__(self, path, props, cells):
        self.path = path
        self.props = props
        self.reg = _reg(props.get("reg", b""), cells)

    def __repr__(self):
        return "<fdt.Node %s>" % self.path


def _reg(data, cells):
    wide, size = cells
    step = 4 * (wide + size)
    found = []
    for at in range(0, len(data) - step + 1, step or 1):
        middle = at + 4 * wide
        found.append(
            (
                int.from_bytes(data[at:middle], "big"),
                int.from_bytes(data[middle : at + step], "big"),
            )
        )
    return found


def _text(data, at, end):
    stop = data.find(b"\0", at, end)
    if stop < 0:
        raise FdtError("string without end at 0x%x" % at)
    try:
        return str(bytes(data[at:stop]), "ascii"), stop + 1
    except ValueError:
        raise FdtError("string at 0x%x is not ASCII" % at)


class Tree:
    """read(address, size) -> bytes gives the tree at `address`.  Raises FdtError, and what read
    raises."""

    def __init__(self, read, address):
        head = struct.unpack(">10I", bytes(read(address, 40)))
        magic, total, structure, strings = head[:4]
        if magic != _MAGIC or head[5] < 17 or head[6] > 17:
            raise FdtError("no device tree of version 17 at 0x%x" % address)
        if structure + head[9] > total or strings + head[8] > total or structure & 3:
            raise FdtError("device tree's blocks are outside of it")
        if not 0 < head[9] <= _BYTES or not 0 < head[8] <= _BYTES:
            raise FdtError("device tree with blocks of %d and %d bytes" % (head[9], head[8]))
        self._data = bytes(read(address + structure, head[9]))
        self._strings = bytes(read(address + strings, head[8]))

    def find(self, compatible):
        """Nodes that name this string in `compatible` (§2.3.1), in the tree's order."""
        want = compatible.encode()
        if want not in self._data:
            return []
        return [n for n in self.nodes() if want in n.props.get("compatible", b"").split(b"\0")]

    def nodes(self):
        """Each Node, in the tree's order; a node comes after those below it."""
        data = self._data
        names = {}
        at = 0
        stack = []  # of (path, properties)
        while at + 4 <= len(data):
            token = data[at + 3] if data[at : at + 3] == b"\0\0\0" else 0
            at += 4
            if token == _PROP:
                if not stack or at + 8 > len(data):
                    raise FdtError("property outside of a node at 0x%x" % at)
                size, offset = struct.unpack_from(">II", data, at)
                at += 8
                if size > len(data) - at:
                    raise FdtError("property of %d bytes at 0x%x" % (size, at))
                name = names.get(offset)
                if name is None:
                    name = names[offset] = _text(self._strings, offset, len(self._strings))[0]
                stack[-1][1][name] = data[at : at + size]
                at += size + 3 & ~3
            elif token == _BEGIN:
                name, at = _text(data, at, len(data))
                at = at + 3 & ~3
                if len(stack) >= _DEPTH:
                    raise FdtError("nodes too deep at 0x%x" % at)
                above = stack[-1][0] if stack else ""
                stack.append((above + "/" + name if above != "/" else above + name, {}))
            elif token == _END and stack:
                path, props = stack.pop()
                yield Node(path, props, _cells(stack[-1][1] if stack else {}))
            elif token == _LAST and not stack:
                return
            elif token != _NOP:
                raise FdtError("token at 0x%x is none" % (at - 4))
        raise FdtError("device tree without end")


def _cells(props):
    """#address-cells and #size-cells of a node for those below it, §2.3.5."""
    found = []
    for name, default in (("#address-cells", 2), ("#size-cells", 1)):
        value = int.from_bytes(props.get(name, b""), "big") if name in props else default
        if value > 4:
            raise FdtError("%s is %d" % (name, value))
        found.append(value)
    return found
