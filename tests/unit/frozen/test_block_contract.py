"""One contract for the disks of all drivers: AHCI, USB."""

import ahcicmd
import dma
import usb_storage
import usbmsc
import usbtask
from ahci_devices import Disk
from usb_hcd import Rig as UsbRig

import block_contract
from ahci_rig import Rig

AREA = "usb"
BLOCKS = 2048


class Case:
    """A disk, the medium behind it, and what block_contract wants to be done to them."""

    def together(self, calls):
        """Write all of them at the same time; their results."""
        return [self.disk.writeblocks(*call) for call in calls]  # of AHCI: each in one go


class Ahci(Case):
    def __init__(self, size):
        model = Disk(BLOCKS, size, 4096)
        self.rig = Rig({0: model})
        self.disk = self.rig.c.disks[0]
        self.medium = model.data

    def pull(self):
        self.rig.model.ports[0].unplug()

    def hang(self):
        self.rig.fault(0, "hang")
        idle = ahcicmd.idle

        def type_it():
            ahcicmd.idle = idle
            raise KeyboardInterrupt

        ahcicmd.idle = type_it

    def sent(self):
        return self.rig.model.count


class Usb(Case):
    def __init__(self, size, speed, lend=True):
        self.model = model = usb_storage.Storage(BLOCKS, size, speed)
        self.rig = UsbRig(None, {1: model}) if speed == "super" else UsbRig({1: model})
        dma.lend = lend
        del usbmsc._storages[:]
        del usbmsc._names[:]
        usbmsc.start()
        self.rig.settle()
        self.hub = self.rig.hcd.usb3 if speed == "super" else self.rig.hcd.usb2
        (self.disk,) = usbmsc.disks()
        self.medium = model.data

    def pull(self):
        self.hub.unplug(1)
        self.rig.settle(100)

    def together(self, calls):
        tasks = [usbtask.start(self.disk._io(True, *call)) for call in calls]
        return [usbtask.run(_result(task)) for task in tasks]

    def hang(self):
        self.model.trouble[self.sent()] = "silent-status"
        clock = self.rig.clock
        due = clock.ticks_ms() + 500

        def type_it():
            if clock.ticks_ms() > due:
                clock.on_pass.remove(type_it)
                raise KeyboardInterrupt

        clock.on_pass.append(type_it)

    def sent(self):
        return len(self.model.commands)


def _result(task):
    return (yield task)


MAKERS = (
    Ahci,
    lambda size: Usb(size, "super"),
    lambda size: Usb(size, "high"),
    lambda size: Usb(size, "full", False),
)


def test_requests():
    for make in MAKERS:
        for size in (512, 4096):
            for part in block_contract.ALL:
                case = make(size)
                part(case.disk, case.medium)


def test_writers_of_one_block():
    for make in MAKERS:
        for size in (512, 4096):
            case = make(size)
            block_contract.writers_of_one_block(case.disk, case.medium, case.together)


def test_flush_cut_short():
    for make in MAKERS:
        case = make(512)
        block_contract.flush_cut_short(case.disk, case.medium, case.hang, case.sent)


def test_volumes_and_unplug():
    for make in MAKERS:
        case = make(512)
        root = block_contract.volumes(case.disk, case.medium)
        case.pull()
        block_contract.gone(case.disk, root)
