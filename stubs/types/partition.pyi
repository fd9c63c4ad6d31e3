from _typeshed import ReadableBuffer, WriteableBuffer

class Partition:
    first: int
    count: int
    block_size: int
    number: int
    name: str
    label: str
    type: str
    guid: str
    def readblocks(self, n: int, buf: WriteableBuffer, offset: int | None = None) -> int: ...
    def writeblocks(self, n: int, buf: ReadableBuffer, offset: int | None = None) -> int: ...
