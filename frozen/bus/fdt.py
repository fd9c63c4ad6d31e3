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
_BYTES = const(0x100000)  # of a block
_DEPTH = const(32)


class FdtError(ValueError):
    """No device tree, or a broken one."""


class Node:
    """path: '/fw-cfg@9020000'; props: name -> bytes; reg: [(address, size), …]."""

    def __init__(self, path, props, above):
        self.path = path
        self.props = props
        self.reg = _reg(props.get("reg", b""), _cells(above))

    def __repr__(self):
        return "<fdt.Node %s>" % self.path


def _reg(data, cells):
    wide, size = cells
    step = 4 * (wide + size)
    found = []
    for at in range(0, len(data) - step + 1, step) if step else ():
        middle = at + 4 * wide
        found.append(
            (
                int.from_bytes(data[at:middle], "big"),
                int.from_bytes(data[middle : at + step], "big"),
            )
        )
    return found


def _text(data, at):
    stop = data.find(b"\0", at)
    if not 0 <= at <= stop:
        raise FdtError("string at 0x%x without end" % at)
    try:
        return str(bytes(data[at:stop]), "ascii")
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
        data = self._data
        hit = data.find(want)
        found = []
        stack = []  # of (offset of the name, offset of the properties)
        at = 0
        while hit >= 0 and at + 4 <= len(data):
            token = data[at + 3] if data[at : at + 3] == b"\0\0\0" else 0
            at += 4
            if token == _PROP:
                if not stack:
                    raise FdtError("property outside of a node at 0x%x" % at)
                start = at
                at = self._after_property(at)
                if hit < at:
                    if self._property(start) == "compatible":
                        if want in data[start + 8 : at].split(b"\0"):
                            found.append(self._node(stack))
                    hit = data.find(want, at)
            elif token == _BEGIN:
                stop = data.find(b"\0", at)
                if stop < 0 or len(stack) >= _DEPTH:
                    raise FdtError("node at 0x%x without end or too deep" % at)
                stack.append((at, stop + 4 & ~3))
                at = stop + 4 & ~3
            elif token == _END and stack:
                stack.pop()
            elif token != _NOP:
                raise FdtError("token at 0x%x is out of place" % (at - 4))
        return found

    def _after_property(self, at):
        size = int.from_bytes(self._data[at : at + 4], "big")
        if at + 8 + size > len(self._data):
            raise FdtError("property of %d bytes at 0x%x" % (size, at))
        return at + 8 + size + 3 & ~3

    def _property(self, at):
        """Name of the property at `at`."""
        return _text(self._strings, int.from_bytes(self._data[at + 4 : at + 8], "big"))

    def _properties(self, at):
        """Those of a node; they come before the nodes below it (§5.4.2)."""
        data = self._data
        found = {}
        while at + 4 <= len(data):
            token = int.from_bytes(data[at : at + 4], "big")
            at += 4
            if token == _PROP:
                size = int.from_bytes(data[at : at + 4], "big")
                start = at
                at = self._after_property(at)
                found[self._property(start)] = data[start + 8 : start + 8 + size]
            elif token != _NOP:
                break
        return found

    def _node(self, stack):
        path = "/".join(_text(self._data, at) for at, _ in stack)
        above = self._properties(stack[-2][1]) if len(stack) > 1 else {}
        return Node(path, self._properties(stack[-1][1]), above)


def _cells(props):
    """#address-cells and #size-cells of a node for those below it, §2.3.5."""
    found = []
    for name, default in (("#address-cells", 2), ("#size-cells", 1)):
        value = int.from_bytes(props.get(name, b""), "big") if name in props else default
        if value > 4:
            raise FdtError("%s is %d" % (name, value))
        found.append(value)
    return found
