from _typeshed import Incomplete
from partition import Partition

def partitions(disk: Incomplete, block: Incomplete | None = None) -> list[Partition]: ...
