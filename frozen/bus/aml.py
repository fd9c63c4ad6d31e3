"""The ACPI namespace: what DSDT and SSDTs declare, without executing them (ACPI 6.5 §5.3, §20.2).

Values are decoded when they are asked for (aml_eval).  Not done: executing AML; declarations
inside methods; tables that Load would add.
"""

from micropython import const

from aml_data import AmlError, Code
from aml_eval import branches, predicate

_NODES = const(20_000)  # of a namespace
_STEPS = const(400_000)  # to load all its tables; a big server's DSDT takes about 60,000
_DEPTH = const(24)  # scopes in scopes
_ALIASES = const(8)
_NOTES = const(100)  # of what was refused, and skipped

# The second byte of extended opcodes with a PkgLength and a NameString (§20.2.5.2): kind of object
# and the bytes between the name and the terms; None for lists of fields.
_PACKAGED = {
    0x82: ("Device", 0),
    0x83: ("Processor", 6),
    0x84: ("PowerResource", 3),
    0x85: ("ThermalZone", 0),
    0x81: ("Field", None),
    0x86: ("IndexField", None),
    0x87: ("BankField", None),
}
_PLAIN = {0x01: "Mutex", 0x02: "Event", 0x80: "OperationRegion", 0x88: "DataRegion"}


class Node:
    """One name.  kind: 'Device', 'Name', 'Method', 'FieldUnit' …

    kids: by name of four characters, Nodes or, of Names that nobody asked for, what a Node is made
    of; kid() gives Nodes.  code, at, end: the value, the body of a method; code of an alias is the
    name that it stands for.  flags: of a method, its number of arguments in bits 2:0.
    """

    def __init__(self, name, kind, parent, code=None, at=0, end=0):
        self.name = name
        self.kind = kind
        self.parent = parent
        self.kids = {}
        self.code = code
        self.at = at
        self.end = end
        self.flags = 0

    def kid(self, name):
        """Node of a name right below, or None."""
        found = self.kids.get(name)
        if isinstance(found, tuple):
            found = self.kids[name] = Node(name, "Name", self, *found)
        return found

    @property
    def path(self):
        """As iasl writes it: '\\\\_SB.PCI0._CRS'."""
        names = []
        node = self
        while node.parent is not None:
            name = node.name
            while name[-1] == "_" and len(name) > 1:
                name = name[:-1]
            names.insert(0, name)
            node = node.parent
        return "\\" + ".".join(names)

    def __repr__(self):
        return "<%s %s>" % (self.kind, self.path)


class Namespace:
    """Filled by load(), table by table.

    .root: Node.  .devices: Nodes as declared.  .refused: (path or table, why) of what is no good
    AML; .skipped: the same of good AML that would have to be executed.
    """

    def __init__(self):
        self.root = Node("\\", "Scope", None)
        self.devices = []
        self.refused = []
        self.skipped = []
        self.left = [0]
        self._steps = _STEPS
        self._count = 0
        self._here = self.root
        for name in ("_GPE", "_PR_", "_SB_", "_SI_", "_TZ_"):  # §5.3.1
            self.root.kids[name] = Node(name, "Scope", self.root)

    def load(self, table, name="DSDT"):
        """Add the declarations of a table of bytes (header and AML, §5.2.11).  Never raises on
        what is in it: see .refused."""
        if len(table) < 36:
            self.refused.append((name, "table of %d bytes" % len(table)))
            return
        self.left[0] = self._steps
        code = Code(bytes(table), self.left, self._arity)
        try:
            self._terms(code, 36, len(table), self.root, 0)
        except (AmlError, IndexError) as why:
            self.refused.append((name, str(why)))
        self._steps = max(0, self.left[0])

    # Names

    def find(self, path, scope=None):
        """Node of a path as in ASL, aliases followed; None where there is none (§5.3)."""
        node = self._resolve(scope or self.root, path)
        for _ in range(_ALIASES):
            if node is None or node.kind != "Alias":
                return node
            node = self._resolve(node.parent, node.code)
        return None

    def _resolve(self, scope, path):
        segments = path.lstrip("\\^")
        if path[:1] == "\\":
            scope = self.root
        for _ in range(len(path) - len(segments) if path[:1] == "^" else 0):
            scope = scope.parent
            if scope is None:
                return None
        if not segments:
            return scope
        segments = [(s + "____")[:4] for s in segments.split(".")]
        if len(segments) == 1 and path[0] not in "\\^":
            while scope is not None:
                if segments[0] in scope.kids:
                    return scope.kid(segments[0])
                scope = scope.parent
            return None
        for segment in segments:
            scope = scope.kid(segment)
            if scope is None:
                return None
        return scope

    def _declare(self, scope, path, kind, code=None, at=0, end=0):
        """New node of that name; scopes on the way that no table has declared yet are made."""
        if len(path) == 4 and path[0] not in "\\^":
            if path not in scope.kids and kind != "External":
                return self._add(scope, path, kind, code, at, end)
            segments = (path,)
        else:
            segments = path.lstrip("\\^")
            scope = self._resolve(scope, path[: len(path) - len(segments)]) if path else None
            segments = segments.split(".")
        if scope is None or not segments[-1]:
            raise AmlError("no scope for %s" % path)
        for segment in segments[:-1]:
            below = scope.kid(segment)
            scope = below if below is not None else self._add(scope, segment, "External")
        last = scope.kid(segments[-1])
        if last is not None and kind == "External":
            return last
        if last is None:
            return self._add(scope, segments[-1], kind, code, at, end)
        if last.kind != "External":
            raise AmlError("%s is declared twice" % last.path)
        if kind == "Device":
            self.devices.append(last)
        last.kind = kind
        last.code = code
        last.at = at
        last.end = end
        return last

    def _add(self, scope, name, kind, code=None, at=0, end=0):
        self._count += 1
        if self._count > _NODES:
            raise AmlError("too many names")
        node = scope.kids[name] = Node(name, kind, scope, code, at, end)
        if kind == "Device":
            self.devices.append(node)
        return node

    # Lists of terms

    def _terms(self, code, at, end, scope, depth):
        if depth > _DEPTH:
            raise AmlError("scopes too deep at 0x%x" % at)
        data = code.data
        kids = scope.kids
        known = code.segments
        left = self.left
        while at < end:
            left[0] -= 1
            if left[0] < 0:
                raise AmlError("too much AML")
            op = data[at]
            if op == 0x08:  # most of any table, so noted in the cheapest way
                start = at + 5
                name = known.get(data[at + 1 : start])
                if name is None and 0x41 <= data[at + 1] <= 0x5A:
                    name = code.segment(at + 1)
                if name is None or name in kids or start >= end:
                    at = self._name(code, at + 1, end, scope)
                    continue
                at = code.after_constant(start, end)
                if at == start:
                    at = self._skip(code, start, end, scope)
                kids[name] = (code, start, at)
            elif op == 0x5B and data[at + 1] in _PACKAGED:
                start, stop = code.package(at + 2, end)
                try:
                    self._packaged(code, data[at + 1], start, stop, scope, depth)
                except (AmlError, IndexError) as why:
                    self._refuse(scope, why)
                at = stop
            elif op == 0x14:
                start, stop = code.package(at + 1, end)
                self._try(self._method, code, start, stop, scope)
                at = stop
            elif op == 0x10:
                start, stop = code.package(at + 1, end)
                self._try(self._scope, code, start, stop, scope, depth)
                at = stop
            elif op == 0xA0:
                at = self._if(code, at, end, scope, depth)
            else:
                at = self._other(code, op, at, end, scope)
        if at > end:
            raise AmlError("terms run over 0x%x" % end)

    def _name(self, code, at, end, scope):
        """Name() that is not the first, or of which the name is not one that code knows."""
        name, at = code.name(at, end)
        stop = self._skip(code, at, end, scope)
        self._try(self._declare, scope, name, "Name", code, at, stop)
        return stop

    def _try(self, read, *args):
        """What is wrong inside one object costs that object, not its neighbours."""
        try:
            read(*args)
        except (AmlError, IndexError) as why:
            self._refuse(next(a for a in args if isinstance(a, Node)), why)

    def _refuse(self, scope, why):
        if len(self.refused) < _NOTES:
            self.refused.append((scope.path, str(why)))

    def _note(self, scope, what):
        if len(self.skipped) < _NOTES:
            self.skipped.append((scope.path, what))

    def _skip(self, code, at, end, scope):
        """Offset after a term; methods in it are those that this scope sees."""
        self._here = scope
        return code.skip(at, end)

    def _arity(self, name):
        node = self.find(name, self._here)
        return node.flags & 7 if node is not None and node.kind in ("Method", "External") else 0

    def _packaged(self, code, op, at, end, scope, depth):
        kind, gap = _PACKAGED[op]
        name, at = code.name(at, end)
        if gap is None:
            self._fields(code, op, at, end, scope)
            return
        node = self._declare(scope, name, kind, code, at, end)
        self._terms(code, at + gap, end, node, depth + 1)

    def _method(self, code, at, end, scope):
        name, at = code.name(at, end)
        if at >= end:
            raise AmlError("method at 0x%x cut off" % at)
        self._declare(scope, name, "Method", code, at + 1, end).flags = code.data[at]

    def _scope(self, code, at, end, scope, depth):
        name, at = code.name(at, end)
        node = self.find(name, scope)
        if node is None:
            node = self._declare(scope, name, "External")
        self._terms(code, at, end, node, depth + 1)

    def _if(self, code, at, end, scope, depth):
        """Terms of the branch that is taken, where that is known; neither where it is not."""
        start, stop, other = branches(code, at, end)
        taken, start = predicate(self, code, start, stop, scope)
        if taken is None:
            self._note(scope, "If at 0x%x" % at)
        else:
            while not taken and start < stop and code.data[start] == 0x15:
                start = self._other(code, 0x15, start, stop, scope)  # iasl hides them in If (0)
            start, stop = (start, stop) if taken else other
            self._try(self._terms, code, start, stop, scope, depth + 1)
        return other[1]

    def _other(self, code, op, at, end, scope):
        data = code.data
        if op == 0x06:
            target, at = code.name(at + 1, end)
            name, at = code.name(at, end)
            self._try(self._declare, scope, name, "Alias", target)
            return at
        if op == 0x15:
            name, at = code.name(at + 1, end)
            self._try(self._external, scope, name, data[at + 1])
            return at + 2
        stop = self._skip(code, at, end, scope)
        if op == 0x5B and data[at + 1] in _PLAIN:
            name, start = code.name(at + 2, end)
            self._try(self._declare, scope, name, _PLAIN[data[at + 1]], code, start, stop)
        elif op != 0xA3:
            self._note(scope, "statement 0x%x at 0x%x" % (op, at))
        return stop

    def _external(self, scope, name, arguments):
        node = self._declare(scope, name, "External")
        if node.kind == "External":
            node.flags = arguments & 7

    def _fields(self, code, op, at, end, scope):
        """FieldList (§20.2.5.2): its names are objects of the scope around it."""
        data = code.data
        if op == 0x86:
            _, at = code.name(at, end)
        elif op == 0x87:
            _, at = code.name(at, end)
            at = self._skip(code, at, end, scope)
        at += 1  # FieldFlags
        while at < end:
            code.spend()
            lead = data[at]
            if lead == 0:  # ReservedField
                at = self._bits(code, at + 1, end)
            elif lead == 1:  # AccessField
                at += 3
            elif lead == 2:  # ConnectField: a name or a buffer
                at = code.value(at + 1, end)[1]
            elif lead == 3:  # ExtendedAccessField
                at += 4
            else:
                name, at = code.name(at, end)
                at = self._bits(code, at, end)
                self._try(self._declare, scope, name, "FieldUnit", code, at, at)

    def _bits(self, code, at, end):
        """Offset after a PkgLength that counts bits."""
        at += 1 + (code.data[at] >> 6)
        if at > end:
            raise AmlError("field at 0x%x cut off" % at)
        return at
