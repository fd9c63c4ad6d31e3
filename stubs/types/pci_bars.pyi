class Bar:
    index: int
    kind: str
    address: int
    size: int
    bits: int
    prefetchable: bool
    problem: str | None
