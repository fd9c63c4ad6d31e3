"""Devices with two interfaces, behind the drivers of both host controllers."""

import usb_devices

import ehci_rig
import xhci_rig

RIGS = (ehci_rig.Rig, xhci_rig.Rig)
_PORT = 13  # USB 2 of the xHCI model


def pair(settings=1):
    """A device with two interfaces, 0x81 and 0x82; the first has further settings."""
    part = usb_devices.endpoint(0x81, 3, 8, 4)
    first = [usb_devices.interface(0, 255, 0, 0, part, alternate=n) for n in range(settings)]
    second = usb_devices.interface(1, 255, 0, 0, usb_devices.endpoint(0x82, 3, 8, 4))
    config = usb_devices.configuration(*(first + [second]))
    descriptor = usb_devices.device_descriptor(1, 2, "high")
    return usb_devices.Hid("high", descriptor, [config], {}, {1: "a", 2: "b", 3: "c"})


class Pair:
    """A rig with one, and an odd number of packets from each endpoint: both toggles are 1."""

    def __init__(self, Rig, settings=1):
        self.model = pair(settings)
        port = 1 if Rig is ehci_rig.Rig else _PORT
        self.rig = rig = Rig({port: self.model})
        rig.settle()
        (self.device,) = rig.bus.devices
        self.interface = self.device.interfaces[0]
        self.came = {}
        self.transfers = {}
        for address in (0x81, 0x82):
            self.listen(address)
            self.sends(address)

    def listen(self, address):
        t, self.came[address] = ehci_rig.listen(self.rig, self.device, address)
        self.transfers[address] = t
        return t

    def sends(self, address):
        """A report comes."""
        came = self.came[address]
        before = len(came)
        self.model.send(address, bytes((before + 1,)))
        self.rig.clock.sleep_ms(30)
        assert came[before:] == [(0, bytes((before + 1,)))], came

    def listens_again(self):
        """The first after it has begun anew; the second has not noticed."""
        assert self.came[0x81][-1][0] == -125
        self.listen(0x81)
        for address in (0x82, 0x81, 0x82, 0x81):
            self.sends(address)
