"""What to do next when a machine's emulator, or the system below it, refuses."""

import errno
import os
import re

_ERRNO = {
    errno.ENOSPC: "the disk is full: free some space, then again",
    errno.EDQUOT: "your share of the disk is full: free some space, then again",
    errno.EADDRINUSE: "that port is taken: choose another, or end what listens there",
    errno.EACCES: "permission denied: mend it, or name another place",
    errno.EROFS: "that file system is read-only: name another place",
    errno.EMFILE: "too many open files: raise `ulimit -n`",
    errno.EBUSY: "another program has it: end that first",
}
_QEMU = (
    (r"Address already in use", _ERRNO[errno.EADDRINUSE]),
    (r"No space left on device", _ERRNO[errno.ENOSPC]),
    (r"Failed to get .* lock", "another machine has that disk: end it, or copy the image"),
    (r"[Cc]annot (allocate|set up guest) memory", "give the machine less by --memory"),
    (r"is not a valid device model name", "this QEMU has no such device: see `{} -device help`"),
    (r"unable to find CPU model", "see `{} -cpu help`"),
    (r"unsupported machine type", "see `{} -M help`"),
    (r"invalid accelerator|failed to initialize", "see `{} -accel help`"),
)


def of_error(error: OSError) -> str:
    """One line: what, where, and what to do."""
    what = _ERRNO.get(error.errno or 0) or (error.strerror or str(error) or type(error).__name__)
    where = ", ".join(_name(name) for name in (error.filename, error.filename2) if name)
    return f"{where}: {what}" if where else what


def _name(file: str | bytes | os.PathLike | int) -> str:
    return f"descriptor {file}" if isinstance(file, int) else os.fsdecode(file)


def of_qemu(said: str, program: str) -> str:
    """QEMU's own words in one line, with what to do."""
    line = "; ".join(filter(None, (line.strip() for line in said.splitlines())))
    for pattern, advice in _QEMU:
        if re.search(pattern, said):
            return f"{line}: {advice.format(program)}"
    return line
