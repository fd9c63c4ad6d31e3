class Table:
    addr: int
    length: int
    signature: str
    revision: int
    def __init__(self, addr: int, data: bytes) -> None: ...
    @property
    def checksum_ok(self) -> bool: ...
    def raw(self) -> bytes: ...
    def fields(self) -> list[tuple[str, int, int | str | bytes]]: ...

class Root:
    tables: list[Table]
    refused: list[tuple[str, str]]
