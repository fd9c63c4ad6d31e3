"""The way from prlctl to a guest that runs in QEMU, and to its disk."""

import json
import os
import socket
from pathlib import Path


def data_file(bundle):
    """The .hds of a bundle."""
    (found,) = Path(bundle).glob("*.hds")
    return found


def screendump(home, path):
    """Have QEMU write a picture; False when the guest is no QEMU."""
    place = Path(home) / "qmp"
    if not place.exists():
        return False
    monitor = socket.socket(socket.AF_UNIX)
    path = Path(path).absolute()
    os.chdir(home)  # the path of a socket is short
    monitor.connect(place.name)
    with monitor, monitor.makefile("rw") as lines:
        lines.readline()
        for command, arguments in (
            ("qmp_capabilities", {}),
            ("screendump", {"filename": str(path), "format": "png"}),
        ):
            lines.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
            lines.flush()
            while True:
                answer = json.loads(lines.readline())
                if "return" in answer:
                    break
                if "error" in answer:
                    raise RuntimeError(answer)
    return True
