"""MicroPython's sources: Debian's source package by apt, else a git clone of the release's tag."""

import hashlib
import os
import shutil
import tarfile
import tempfile
from pathlib import Path

from .say import Refused, run, step

_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def ensure(pin: dict, cache: Path) -> Path:
    """Folder of the sources that deps.toml's `pin` names; fetched when absent.  Raises Refused."""
    home = cache / f"micropython-{pin['version']}"
    stamp = home / ".pyrallax"
    if stamp.is_file() and stamp.read_text().strip() == pin["sha256"]:
        return home
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix="fetch-") as name:
        work = Path(name)
        if _codename() and shutil.which("apt-get"):
            step(f"fetching MicroPython {pin['version']} (apt, sources of {pin['debian_suite']})")
            new = _unpack(_by_apt(pin, work), pin, work)
        else:
            step(f"fetching MicroPython {pin['version']} (git, tag {pin['git_tag']})")
            new = work / "clone"
            clone = [
                "git",
                "clone",
                "-q",
                "--depth",
                "1",
                "-b",
                pin["git_tag"],
                pin["git"],
                str(new),
            ]
            run(clone, "check the network, or pass MICROPYTHON_DIR=<a checkout of that tag>")
        (new / ".pyrallax").write_text(pin["sha256"] + "\n")
        if home.exists():
            shutil.rmtree(home)
        new.rename(home)
    return home


def _codename() -> str:
    """Debian's name of this release (bookworm, …); empty on any other system."""
    try:
        lines = Path("/etc/os-release").read_text().splitlines()
    except OSError:
        return ""
    fields = dict(line.split("=", 1) for line in lines if "=" in line)
    is_debian = fields.get("ID", "").strip('"') == "debian"
    return fields.get("VERSION_CODENAME", "").strip('"') if is_debian else ""


def _mirror() -> str:
    """URI of the mirror that apt here uses for its own release."""
    mend = "see /etc/apt/sources.list.d, or pass MICROPYTHON_DIR=<a checkout>"
    query = ["apt-get", "indextargets", "--format", "$(SITE)|$(RELEASE)", "Created-By: Packages"]
    for line in run(query, mend).splitlines():
        site, _, release = line.partition("|")
        if release == _codename():
            return site
    raise Refused(f"apt lists no mirror of Debian {_codename()}: {mend}")


def _by_apt(pin: dict, work: Path) -> Path:
    """Download the source package with a private source list; the system's stays as it is."""
    parts, lists, cache = work / "parts", work / "lists", work / "cache"
    for folder in (parts, lists / "partial", cache / "archives" / "partial"):
        folder.mkdir(parents=True)
    source = f"deb-src [signed-by={_KEYRING}] {_mirror()} {pin['debian_suite']} main\n"
    (parts / "pyrallax.list").write_text(source)
    options = [
        "Dir::Etc::sourcelist=/dev/null",
        f"Dir::Etc::sourceparts={parts}",
        f"Dir::State::Lists={lists}",
        f"Dir::Cache={cache}",
        "Acquire::Languages=none",
        "APT::Update::Error-Mode=any",  # a mirror that does not answer is an error, not a warning
    ]
    if os.geteuid() == 0:
        options.append("APT::Sandbox::User=root")  # the _apt user may not write here
    apt = ["apt-get", "-q", *(word for option in options for word in ("-o", option))]
    mend = "check the network and apt, or pass MICROPYTHON_DIR=<a checkout>"
    run([*apt, "update"], mend)
    name = f"{pin['debian_source']}={pin['debian_version']}"
    run([*apt, "source", "--download-only", name], mend, cwd=str(work))
    return work / pin["archive"]


def _unpack(archive: Path, pin: dict, work: Path) -> Path:
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != pin["sha256"]:
        raise Refused(
            f"{archive.name} has sha256 {found}, deps.toml says {pin['sha256']}: "
            "somebody changed it on the way, or deps.toml is wrong; nothing was unpacked"
        )
    step(f"unpacking {archive.name}, sha256 verified")
    with tarfile.open(archive) as tar:
        if hasattr(tarfile, "data_filter"):
            tar.extraction_filter = tarfile.data_filter
        tar.extractall(work / "tree")
    (folder,) = (work / "tree").iterdir()
    return folder
