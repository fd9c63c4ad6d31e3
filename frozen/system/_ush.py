"""Runs at the end of every start to the friendly prompt, before main.py: the boot option `ush`."""

import boot

if "ush" in boot.cmdline():
    import shell

    shell.start(boot.cmdline())
