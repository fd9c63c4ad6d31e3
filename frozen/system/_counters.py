"""What drivers count, for the heartbeat: an int or a function without arguments that gives one.

Names are [a-z0-9_.]+; keep them short.
"""

counters = {"usb_keys": 0}
