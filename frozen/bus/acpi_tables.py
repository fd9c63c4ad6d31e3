"""From the root pointer to every ACPI table (ACPI 6.5 §5.2.5 to §5.2.9)."""

import struct

from micropython import const

_HEADER = const(36)  # §5.2.6
_TABLE = const(0x400000)  # bytes of one table
_TABLES = const(0x1000000)  # bytes of all: the heap holds a copy of each
_ENTRIES = const(512)  # of a root table
_FADT_FIRMWARE_CTRL = const(36)  # §5.2.9, 32 bits
_FADT_DSDT = const(40)
_FADT_X_FIRMWARE_CTRL = const(132)  # 64 bits
_FADT_X_DSDT = const(140)


class Table:
    """One table, copied: .signature .addr .length .revision .checksum_ok.

    A table with a wrong checksum is listed, but nothing is taken from it.
    """

    def __init__(self, addr, data):
        self.addr = addr
        self.length = len(data)
        self._data = data
        self._ok = None
        if data[:8] == b"RSD PTR ":
            self.signature = "RSDP"
            self.revision = data[15]
        else:
            self.signature = "".join(chr(c) if 32 < c < 127 else "?" for c in data[:4])
            self.revision = data[8]

    def __repr__(self):
        bad = "" if self.checksum_ok else ", bad checksum"
        return "<Table %s, %d bytes at 0x%x%s>" % (self.signature, self.length, self.addr, bad)

    @property
    def checksum_ok(self):
        """Whether the bytes sum up to 0 (§5.2.6): both sums of an RSDP; a FACS has none."""
        if self._ok is None:
            data = self._data
            self._ok = self.signature == "FACS" or sum(data) & 0xFF == 0
            if self.signature == "RSDP":
                self._ok = self._ok and sum(data[:20]) & 0xFF == 0
        return self._ok

    def raw(self):
        """The whole table, bytes."""
        return bytes(self._data)

    def fields(self):
        """[(name, offset, value), …]: int, str or bytes; see acpi_fields."""
        import acpi_fields

        return acpi_fields.fields(self.signature, self.raw())

    def dump(self):
        """Print the fields."""
        import acpi_fields

        acpi_fields.dump(self.signature, self.raw())


class Root:
    """.tables: every Table that a root pointer leads to.  .refused: [(what, why), …].

    read(address, size) -> bytes, raising ValueError where nothing may be read.
    """

    def __init__(self, read, rsdp, log=None):
        self.tables = []
        self.refused = []
        self._read = read
        self._log = log
        self._room = _TABLES
        pointer = self._pointer(rsdp)
        if pointer is not None:
            self._list(pointer)

    def refuse(self, what, why):
        """Note that something is not used, and log it."""
        self.refused.append((what, str(why)))
        if self._log:
            self._log("acpi: %s refused: %s" % (what, why))

    def sound(self, table):
        """Whether something may be taken from a table; notes once that it may not."""
        if not table.checksum_ok and (table.signature, "wrong checksum") not in self.refused:
            self.refuse(table.signature, "wrong checksum")
        return table.checksum_ok

    def _pointer(self, rsdp):
        """(address, width) of the root table, §5.2.5.3."""
        try:
            data = self._read(rsdp, 20)
            if bytes(data[:8]) != b"RSD PTR ":
                raise ValueError("no signature at 0x%x" % rsdp)
            if data[15] >= 2:
                length = struct.unpack_from("<I", self._read(rsdp, 36), 20)[0]
                if not 36 <= length <= 256:
                    raise ValueError("%d bytes" % length)
                data = self._read(rsdp, length)
            table = Table(rsdp, data)
            self.tables.append(table)
            if not table.checksum_ok:
                raise ValueError("wrong checksum")
        except ValueError as why:
            self.refuse("RSDP", why)
            return None
        xsdt = struct.unpack_from("<Q", data, 24)[0] if len(data) >= 36 else 0
        return (xsdt, 8) if xsdt else (struct.unpack_from("<I", data, 16)[0], 4)

    def table(self, addr, name):
        """Read the table at addr into .tables; None if it is refused."""
        try:
            head = self._read(addr, 8)
            length = struct.unpack_from("<I", head, 4)[0]
            least = 64 if head[:4] == b"FACS" else _HEADER
            if not least <= length <= _TABLE:
                raise ValueError("%d bytes at 0x%x" % (length, addr))
            if length > self._room:
                raise ValueError("%d bytes at 0x%x: too many tables" % (length, addr))
            found = Table(addr, self._read(addr, length))
        except ValueError as why:
            self.refuse(name, why)
            return None
        self._room -= length
        self.tables.append(found)
        return found

    def _list(self, pointer):
        address, width = pointer
        root = self.table(address, "XSDT" if width == 8 else "RSDT")
        if root is None or not self.sound(root):
            return
        data = root.raw()
        if data[:4] != (b"XSDT" if width == 8 else b"RSDT"):
            self.refuse(root.signature, "it is no root table")
            return
        entries = (len(data) - _HEADER) // width
        if entries > _ENTRIES:
            self.refuse(root.signature, "%d entries" % entries)
            return
        seen = [address]
        for n in range(entries):
            at = _HEADER + width * n
            self._entry(int.from_bytes(data[at : at + width], "little"), n, seen)

    def _entry(self, address, n, seen):
        name = "entry %d" % n
        if address in seen:
            self.refuse(name, "0x%x is listed already" % address)
            return
        seen.append(address)
        found = self.table(address, name)
        if found is not None and found.signature == "FACP" and self.sound(found):
            data = found.raw()
            pairs = ((_FADT_FIRMWARE_CTRL, _FADT_X_FIRMWARE_CTRL), (_FADT_DSDT, _FADT_X_DSDT))
            for narrow, wide in pairs:
                self._of_fadt(data, narrow, wide, seen)

    def _of_fadt(self, data, narrow, wide, seen):
        """FACS or DSDT: the 64-bit field counts where it is not 0, §5.2.9."""
        address = struct.unpack_from("<Q", data, wide)[0] if len(data) >= wide + 8 else 0
        if not address and len(data) >= narrow + 4:
            address = struct.unpack_from("<I", data, narrow)[0]
        if address and address not in seen:
            seen.append(address)
            self.table(address, "DSDT" if narrow == _FADT_DSDT else "FACS")
