from _typeshed import Incomplete
from partition import Partition

def guid(b: bytes | bytearray | memoryview) -> str: ...

class Header:
    lba: int
    alternate: int
    first: int
    last: int
    guid: str
    entries: int
    count: int
    size: int
    array_crc: int

class Table:
    header: Header
    guid: str
    def partitions(self) -> list[Partition]: ...

def partitions(disk: Incomplete) -> list[Partition]: ...
def check(disk: Incomplete) -> list[str]: ...
