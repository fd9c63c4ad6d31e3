"""Data toggles as devices keep them for their endpoints (USB 2.0 §8.6, §9.1.1.5, §9.4.5).

A SuperSpeed device counts packets in their place: what makes the one 0 makes the other.
"""


def _endpoints(device, interface):
    """The addresses in all settings of an interface of the active configuration."""
    out = set()
    for config in device.configs:
        at, within = 0, False
        while config[5] == device.value and at + 2 < len(config):
            if config[at + 1] == 4:
                within = config[at + 2] == interface
            elif config[at + 1] == 5 and within:
                out.add(config[at + 2])
            at += max(2, config[at])
    return out


class Toggles:
    """Of the next packet of each device's endpoints, for models of controllers.

    strict: a wrong one is an AssertionError.
    """

    def __init__(self):
        self._next = {}  # (device's id, endpoint)
        self.strict = True

    def moved(self, device, endpoint, toggle, packets=1):
        """Packets go there or come from there; the first has that toggle at the controller.

        With the wrong one it would be lost in silence, or be an error with SuperSpeed.
        """
        key = id(device), endpoint
        expected = self._next.get(key, 0)
        assert toggle == expected or not self.strict, "toggle of 0x%02x is %d" % (endpoint, toggle)
        self._next[key] = toggle ^ packets & 1

    def requested(self, device, setup):
        """The device has done what a control request asks for."""
        if setup[:2] == b"\0\x09":
            self.reset(device)
        elif setup[:2] == b"\1\x0b":
            for endpoint in _endpoints(device, setup[4]):
                self._next.pop((id(device), endpoint), None)
        elif setup[:3] == b"\2\1\0":
            self._next.pop((id(device), setup[4]), None)

    def reset(self, device):
        """It lost what it knew."""
        for key in list(self._next):
            if key[0] == id(device):
                del self._next[key]
