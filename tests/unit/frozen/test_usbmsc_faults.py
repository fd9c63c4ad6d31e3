"""USB mass storage on scripted devices: every fault at every command, pulls, Ctrl-C, tasks."""

import dma
import usb_storage
import usbendpoint
import usbmsc
import usbtask
from usb_hcd import Rig

from ahci_rig import pattern
from msc_rig import done, once, rig_of, type_ctrl_c, work

AREA = "usb"

FAULTS = (
    "stall-command",
    "stall-data",
    "stall-status",
    "silent",
    "silent-data",
    "silent-status",
    "short",
    "phase",
    "tag",
    "signature",
    "residue",
    "only-status",
    "empty",
    "attention",
)
COMMANDS = 7  # of attaching and of work()
LIMIT_MS = 400_000  # of virtual time: a device that says nothing costs 30 s a try


def test_every_fault_at_every_command():
    for speed in ("high", "super"):
        for fault in FAULTS:
            for index in range(COMMANDS):
                where = speed, fault, index
                model = usb_storage.Storage(speed=speed)
                model.trouble[index] = fault
                rig = rig_of(model)
                assert usbmsc.disks(), (where, rig.texts(), model.commands)
                (disk,) = usbmsc.disks()
                results = work(disk, model)
                if fault != "attention":
                    assert results == (0, 0, 0), (where, results, rig.texts(), model.commands)
                assert rig.clock.ticks_ms() < LIMIT_MS, where
                done(rig)


def test_every_fault_for_ever():
    for fault in FAULTS:
        for first in range(COMMANDS):
            model = usb_storage.Storage()
            model.trouble = {n: fault for n in range(first, 1000)}
            rig = rig_of(model)
            for disk in usbmsc.disks():
                work(disk, model)
                before = rig.clock.ticks_ms()
                for _ in range(5):
                    work(disk, model)
                if fault.startswith("silent"):
                    assert rig.clock.ticks_ms() - before < LIMIT_MS, (fault, first)
            rig.hcd.usb2.unplug(1)
            rig.settle(200)
            done(rig)


def test_pulled_at_every_command():
    for fault in ("silent", "silent-data", "silent-status"):
        for index in range(COMMANDS + 1):
            model = usb_storage.Storage()
            rig = Rig({1: model})
            usbmsc.start()
            model.trouble[index] = fault

            def pull():
                if index < len(model.commands) and 1 in rig.hcd.usb2.plugged:
                    rig.hcd.usb2.unplug(1)

            rig.clock.on_pass.append(pull)
            rig.settle()
            for disk in usbmsc.disks():
                before = rig.clock.ticks_ms()
                assert -19 in work(disk, model) or index == COMMANDS
                assert rig.clock.ticks_ms() - before < 3000
            rig.settle(300)
            assert usbmsc.disks() == [] or index == COMMANDS
            done(rig)


def test_pulled_while_the_second_unit_is_asked():
    for index in range(14):
        model = usb_storage.Storage(luns=2)
        model.trouble[index] = "silent"
        rig = Rig({1: model})
        usbmsc.start()

        def pull():
            if index < len(model.commands) and 1 in rig.hcd.usb2.plugged:
                rig.hcd.usb2.unplug(1)

        rig.clock.on_pass.append(pull)
        rig.settle()
        rig.settle(300)
        assert 1 in rig.hcd.usb2.plugged or usbmsc._names == usbmsc._storages == [], index
        done(rig)


def test_tasks_share_a_device():
    model = usb_storage.Storage()
    model.data[:] = pattern(len(model.data))
    rig = rig_of(model)
    (disk,) = usbmsc.disks()
    assert disk.readblocks(0, bytearray(512)) == 0
    bufs = [bytearray(5000) for _ in range(4)]
    tasks = [usbtask.start(disk._io(False, 10 * n, bufs[n], 7)) for n in range(4)]
    assert disk.readblocks(100, bytearray(512)) == 0
    for n in range(4):
        assert usbtask.run(once(tasks[n])) == 0
        assert bufs[n] == model.data[5120 * n + 7 : 5120 * n + 5007]
    done(rig)


def test_ctrl_c():
    model = usb_storage.Storage()
    rig = rig_of(model)
    (disk,) = usbmsc.disks()
    model.trouble[len(model.commands)] = "silent-data"
    type_ctrl_c(rig, 1500)
    buf = bytearray(1024)
    assert disk.readblocks(0, buf) == -4
    assert (disk.readblocks(0, buf), disk.unit.bot.resets, disk.gone) == (0, 1, False)
    done(rig)


def interrupt_after_submit(number):
    """Ctrl-C right behind a submit(), before anybody waits for the transfer."""
    submit = usbendpoint.Transfer.submit
    left = [number]

    def stand_in(transfer):
        status = submit(transfer)
        left[0] -= 1
        if not left[0]:
            usbendpoint.Transfer.submit = submit
            raise KeyboardInterrupt
        return status

    usbendpoint.Transfer.submit = stand_in


def test_ctrl_c_behind_a_submit():
    for fault in ("", "silent-status", "silent"):
        for number in (1, 2):
            model = usb_storage.Storage()
            rig = rig_of(model)
            (disk,) = usbmsc.disks()
            assert disk.writeblocks(0, bytes(512)) == 0
            model.trouble[len(model.commands)] = fault
            interrupt_after_submit(number)
            try:
                disk.flush()
                raise AssertionError("no Ctrl-C")
            except KeyboardInterrupt:
                pass
            assert rig.hcd.pending == []
            assert (disk.flush(), disk.readblocks(0, bytearray(512)), disk.gone) == (0, 0, False)
            done(rig)


def test_ctrl_c_behind_a_control_request():
    model = usb_storage.Storage()
    rig = rig_of(model)
    (device,) = rig.bus.devices
    held = dma.stats()
    for length in (18, 600):  # more than 512: in a buffer of its own
        interrupt_after_submit(1)
        try:
            device.control(0x80, 6, 0x100, 0, length)
            raise AssertionError("no Ctrl-C")
        except KeyboardInterrupt:
            pass
        assert rig.hcd.pending == [] and dma.stats() == held
        assert device.control(0x80, 6, 0x100, 0, 18) == model.descriptor
    done(rig)
