"""The table of PCI names for unit tests: no names."""

DATA = b"\0" + b"\0\0\x01" + b"\0\0\x02" + b"\0\0\x03" + b"\0\0\x02" + b"\0\0\x04" + b"\0\0\x08"
