from _typeshed import Incomplete

class Reader:
    def __init__(
        self,
        bdev: Incomplete,
        sb: int | None = None,
        read_only: bool = False,
        cache: int = 4 << 20,
        errors: str | None = "remount-ro",
        sizes: bool = False,
    ) -> None: ...
