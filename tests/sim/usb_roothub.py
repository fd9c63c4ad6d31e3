"""A root hub without registers, for usb_hcd: ports that devices are plugged into."""

import usbport

_SPEEDS = {"full": 1, "low": 2, "high": 3, "super": 4}


class RootHub:
    """ports: {number: Port}; what is plugged in is in plugged."""

    def __init__(self, hcd, ports, speed_class):
        self.hcd = hcd
        self.ports = ports
        self.speed_class = speed_class
        self.power_ms = 20
        self.on_change = None
        self.plugged = {}
        self.state = [0] * (ports + 1)  # changes, OVERCURRENT, POWER, ENABLED
        self.resets = []

    def status(self, port):
        device = self.plugged.get(port)
        status = self.state[port]
        if device is not None and status & usbport.POWER:
            status |= usbport.CONNECTED | _SPEEDS[device.speed] << usbport.SPEED_SHIFT
        elif self.speed_class == 3:
            status |= 5 << usbport.LINK_SHIFT
        return status

    def clear(self, port, changes):
        self.state[port] &= ~changes

    def power(self, port, on):
        if on and not self.state[port] & usbport.POWER:
            self.state[port] |= usbport.POWER
            if port in self.plugged:
                self._connect(port)
        elif not on:
            self.state[port] &= ~(usbport.POWER | usbport.ENABLED)

    def disable(self, port):
        self.state[port] &= ~usbport.ENABLED

    def reset(self, port, warm):
        self.resets.append((port, warm))
        yield 50
        device = self.plugged.get(port)
        if device is not None and not self.hcd.dead_ports.get(port):
            device.reset()
            self.state[port] |= usbport.ENABLED | usbport.C_RESET
            self._tell(port)
        return self.status(port)

    def _connect(self, port):
        device = self.plugged[port]
        device.reset()
        self.state[port] |= usbport.C_CONNECTED
        if self.speed_class == 3:
            self.state[port] |= usbport.ENABLED
        self._tell(port)

    def _tell(self, port):
        if self.on_change:
            self.on_change(self, 1 << port)

    def plug(self, port, device):
        self.plugged[port] = device
        device.on_vanish = lambda: self.unplug(port)
        device.plugged(lambda endpoint: None)
        if self.state[port] & usbport.POWER:
            self._connect(port)

    def unplug(self, port):
        del self.plugged[port]
        self.state[port] &= ~usbport.ENABLED
        self.state[port] |= usbport.C_CONNECTED
        self._tell(port)

    def overcurrent(self, port, on):
        self.state[port] &= ~usbport.OVERCURRENT
        self.state[port] |= usbport.C_OVERCURRENT
        if on:
            self.state[port] &= ~(usbport.POWER | usbport.ENABLED)
            self.state[port] |= usbport.OVERCURRENT
        self._tell(port)
