"""e2fsprogs for the tests of ext2: make images, judge them, look into them."""

import os
import subprocess
from pathlib import Path

# A Debian user's PATH has neither of them.
ENV = {**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}
ENV |= {"LC_ALL": "C", "TZ": "UTC"}


def run(*command, ok=(0,), **options):
    """Output of one of these programs, bytes; AssertionError unless its status is one of ok."""
    options = {"env": ENV, **options}
    done = subprocess.run([str(word) for word in command], capture_output=True, **options)
    output = (done.stdout + done.stderr).decode(errors="replace")
    assert done.returncode in ok, f"{command[0]}: {done.returncode}\n{output}"
    return done.stdout


def mke2fs(path, size, *options, tree=None, fs_type="ext2"):
    """A new image of `size` bytes, filled from a folder when one is given."""
    with open(path, "wb") as image:
        image.truncate(size)
    more = ["-d", tree] if tree else []
    run("mke2fs", "-q", "-F", "-t", fs_type, *options, *more, path)
    return Path(path)


def check(path):
    """e2fsck -fn: AssertionError with its words unless the image is clean."""
    run("e2fsck", "-fn", path)


def debugfs(path, command):
    """Output of one debugfs command, bytes."""
    return run("debugfs", "-R", command, path)


def debugfs_write(path, command):
    """One debugfs command that changes the image."""
    run("debugfs", "-w", "-R", command, path)
