"""USB disks as block devices: sticks, card readers, drives, CDs (bulk-only transport, SCSI).

start() registers the driver, disks() gives what is there.  Not done: UASP, CBI, UNMAP.
"""

import klog

import usbcore
import usbtask
from usbblocks import Disk
from usbbot import Bot
from usbscsi import Unit

_CLASS = 8
_BULK_ONLY = 0x50
_OTHERS = {0: "CBI", 1: "CBI", 0x62: "UAS (USB Attached SCSI)"}
_COMMANDS = (2, 5, 6)  # MMC-5, SFF-8070i, SCSI: bInterfaceSubClass

_storages = []  # every Storage that is plugged in
_names = []  # given out and not given back


def start(cmdline=""):
    """Register the driver, once."""
    usbcore.unregister(attach)
    usbcore.register(_match, attach)


def stop():
    """Take no further devices."""
    usbcore.unregister(attach)


def storages():
    """Every Storage that is plugged in."""
    return list(_storages)


def disks():
    """[Disk, …] with a medium.  Units without one are asked whether there is one now."""
    found = []
    for storage in storages():
        if any(disk is None for disk in storage.disks.values()):
            try:
                usbtask.run(storage.look(), "usbmsc")
            except OSError:
                pass  # on its way out
        found += [disk for disk in storage.disks.values() if disk is not None]
    return found


def _match(device, interface):
    return interface.class_ == _CLASS


def attach(device, interface):
    """Generator: usbcore's factory.  Raises OSError, ValueError: a device that we do not drive."""
    log = device.bus.log
    if interface.protocol != _BULK_ONLY:
        for setting in interface.settings:
            if setting.protocol == _BULK_ONLY and setting.class_ == _CLASS:
                yield from interface.select(setting.alternate)
                break
        else:
            raise ValueError(
                "%s is not supported"
                % _OTHERS.get(interface.protocol, "protocol 0x%02x" % interface.protocol)
            )
    if interface.subclass not in _COMMANDS:
        raise ValueError("command set %d is not supported" % interface.subclass)
    storage = Storage(Bot(device, interface, log), log)
    try:
        yield from storage.begin()
    except BaseException:
        storage.detached()
        raise
    _storages.append(storage)
    return storage


class Storage:
    """A device's interface.  bot: its transport; disks: {unit: Disk, or None without a medium}."""

    def __init__(self, bot, log):
        self.bot = bot
        self.disks = {}
        self._units = []
        self._log = log

    def begin(self):
        """Generator: find the units.  Raises OSError, ValueError."""
        for lun in range((yield from self.bot.luns())):
            unit = Unit(self.bot, lun)
            try:
                yield from unit.identify()
            except (OSError, ValueError) as why:
                if self.bot.dead or lun == 0:
                    raise
                self._log(klog.WARN, "usbmsc: %s: %s" % (self.bot.device.name, why))
                continue
            if unit.kind is None:
                text = "usbmsc: %s: unit %d is no disk: not supported"
                self._log(klog.WARN, text % (self.bot.device.name, lun))
                continue
            unit.on_gone = self._gone
            self._units.append(unit)
            self.disks[lun] = None
        if not self._units:
            raise ValueError("no disk")
        yield from self.look()

    def look(self):
        """Generator: make Disks of the media that have come."""
        for unit in self._units:
            if self.disks[unit.lun] is not None:
                continue
            try:
                there = yield from unit.look()
            except OSError as why:
                if self.bot.dead or self.bot.device.gone:
                    raise
                self._log(klog.ERROR, "usbmsc: %s: %s" % (self.bot.device.name, why))
                continue
            if there and self.disks[unit.lun] is None:
                disk = Disk(_name("uc" if unit.kind == "CD" else "ud"), unit)
                self.disks[unit.lun] = disk
                self._log(klog.INFO, "usbmsc: %s is %s" % (self.bot.device.name, disk))

    def _gone(self, unit):
        disk = self.disks.get(unit.lun)
        if disk is not None:
            self._log(klog.WARN, "usbmsc: %s: the medium has gone" % disk.name)
            self._drop(unit.lun)

    def _drop(self, lun):
        disk, self.disks[lun] = self.disks[lun], None
        if disk is not None:
            disk.gone = True
            _names.remove(disk.name)

    def detached(self):
        """By the core: unplugged."""
        for lun in self.disks:
            self._drop(lun)
        self.disks = {}
        if self in _storages:
            _storages.remove(self)
        self.bot.free()


def _name(kind):
    n = 0
    while "%s%d" % (kind, n) in _names:
        n += 1
    _names.append("%s%d" % (kind, n))
    return _names[-1]
