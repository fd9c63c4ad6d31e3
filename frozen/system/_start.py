"""Runs at the end of every start to the friendly prompt, before main.py: boot options' part."""

import boot

if boot.usb():
    import usb

    usb.start(boot.cmdline())

if "ush" in boot.cmdline():
    import shell

    shell.start(boot.cmdline())

if "batch" in boot.cmdline():
    from targettest import batch

    batch.start(boot.cmdline(), globals())
