"""One contract for the disks of all drivers: AHCI, USB."""

import dma
import usb_storage
import usbmsc
from ahci_devices import Disk
from usb_hcd import Rig as UsbRig

import block_contract
from ahci_rig import Rig

AREA = "usb"
BLOCKS = 2048


def ahci(size):
    model = Disk(BLOCKS, size, 4096)
    rig = Rig({0: model})
    return rig.c.disks[0], model.data, lambda: rig.model.ports[0].unplug()


def usb(speed, lend=True):
    def make(size):
        model = usb_storage.Storage(BLOCKS, size, speed)
        rig = UsbRig(None, {1: model}) if speed == "super" else UsbRig({1: model})
        dma.lend = lend
        del usbmsc._storages[:]
        del usbmsc._names[:]
        usbmsc.start()
        rig.settle()
        hub = rig.hcd.usb3 if speed == "super" else rig.hcd.usb2

        def pull():
            hub.unplug(1)
            rig.settle(100)

        return usbmsc.disks()[0], model.data, pull

    return make


MAKERS = (ahci, usb("super"), usb("high"), usb("full", False))


def test_requests():
    for make in MAKERS:
        for size in (512, 4096):
            for part in block_contract.ALL:
                disk, medium, _ = make(size)
                part(disk, medium)


def test_volumes_and_unplug():
    for make in MAKERS:
        disk, medium, pull = make(512)
        root = block_contract.volumes(disk, medium)
        pull()
        block_contract.gone(disk, root)
