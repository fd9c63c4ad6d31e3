"""Scripted USB disks with their driver on them."""

import usbmsc
from usb_hcd import Rig

from ahci_rig import pattern

DATA = pattern(99_840, 5)
OLD = pattern(2 * 99_840, 3)


def rig_of(model, **options):
    del usbmsc._storages[:]  # of a test that failed
    del usbmsc._names[:]
    rig = Rig(None, {1: model}, **options) if model.speed == "super" else Rig({1: model})
    usbmsc.start()
    rig.settle()
    return rig


def done(rig):
    """Everything goes: nothing may be left."""
    rig.close()
    assert usbmsc.storages() == [] and usbmsc._names == []


def work(disk, model):
    """Reads and writes of several commands; whether each did what it says."""
    size = len(DATA)
    model.data[: 2 * size] = OLD
    buf = bytearray(size)
    status = disk.readblocks(0, buf)
    assert status < 0 or buf == model.data[:size]
    written = disk.writeblocks(9, DATA)
    assert written < 0 or model.data[9 * 512 : 9 * 512 + size] == DATA
    flushed = disk.flush()
    return status, written, flushed


def once(wait):
    return (yield wait)


def type_ctrl_c(rig, after_ms):
    """Ctrl-C, once, after so many ms."""
    due = rig.clock.ticks_ms() + after_ms

    def type_it():
        if rig.clock.ticks_ms() > due:
            rig.clock.on_pass.remove(type_it)
            raise KeyboardInterrupt

    rig.clock.on_pass.append(type_it)
