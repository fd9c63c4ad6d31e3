from ahcicmd import Port
from ahci_identify import Identity

class Drive:
    name: str
    port: Port
    info: Identity | None
    @property
    def retries(self) -> int: ...
