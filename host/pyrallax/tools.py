"""Programs that a PATH may lack: Debian's of sbin, and Homebrew's that are linked nowhere."""

import os
import shutil

BREW = os.environ.get("HOMEBREW_PREFIX") or "/opt/homebrew"  # of a Mac with Apple silicon
_FORMULAE = ("e2fsprogs/sbin", "llvm@19/bin", "lld@19/bin")
MORE_PATH = os.pathsep.join(
    ["/usr/sbin", "/sbin", f"{BREW}/bin", f"{BREW}/sbin", *(f"{BREW}/opt/{f}" for f in _FORMULAE)]
)


def which(name: str) -> str | None:
    """The program's path, the user's own first; None where it is not."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}{os.pathsep}{MORE_PATH}")
