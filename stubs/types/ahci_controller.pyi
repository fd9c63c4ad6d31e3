from ahci_atapi import CdRom
from ahci_disk import Disk
from ahci_drive import Drive
from irq import Line

class Controller:
    name: str
    line: Line | None
    ports: int
    @property
    def drives(self) -> list[Drive]: ...
    @property
    def disks(self) -> list[Disk]: ...
    @property
    def cdroms(self) -> list[CdRom]: ...
    def rescan(self) -> list[Drive]: ...
