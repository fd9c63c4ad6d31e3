"""Runs last before a soft reset, machine.reset() and machine.poweroff(): what waits to be written
to disks is written.
"""

import vfs

if any(where != "/ram" for _, where in vfs.mount()):
    import mounts

    mounts.stop()
