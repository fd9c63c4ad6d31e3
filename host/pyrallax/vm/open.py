"""A machine by the name of its kind: the one place that knows them all."""

import dataclasses
import typing
from pathlib import Path
from typing import Any, BinaryIO

from .config import PARALLELS, Config, Unfit
from .machine import Machine

KINDS = {
    "direct": "QEMU, the firmware loaded directly",
    "uefi": "QEMU, by UEFI",
    "twin": "QEMU in the shape of Parallels (11.1 or later), by UEFI",
    "parallels": "Parallels Desktop",
    "serial": "a running machine on a tty, socket or URL",
    "pty": "a running machine behind a PTY",
}
BY_UEFI = ("uefi", "twin")  # in QEMU
EMULATED = ("direct", *BY_UEFI)
ATTACHED = ("serial", "pty")
_OTHER_NAMES = {"qemu": "direct"}


def machine(
    kind: str,
    name: str = "",
    *,
    where: Path | str | None = None,
    copy: BinaryIO | None = None,
    config: Any = None,
    **options: Any,
) -> Machine:
    """A machine that is not started.  Raises Unfit.

    kind: one of KINDS, or "qemu" for direct.  where: the line of one that runs (ATTACHED), path or
    URL.  config: what it consists of, vm.config.Config or vm.prl.make.Parallels; else options are
    the fields of these.  copy: a stream that gets each byte the target sends.
    """
    kind = _OTHER_NAMES.get(kind, kind)
    if kind not in KINDS:
        raise Unfit(f"no machine {kind!r}: there are {', '.join(KINDS)}")
    if kind in ATTACHED:
        return _attached(kind, name, where, options)
    if where:
        raise Unfit(f"a line ({where}) is for a machine that runs: leave it out with {kind}")
    if kind == "parallels":
        from .parallels import Parallels, ParallelsVm

        return ParallelsVm(config or _filled(Parallels, kind, options), name, copy)
    from .qemu import Vm

    if kind == "twin":
        options = {**PARALLELS, **options}
    boot = "direct" if kind == "direct" else "uefi"
    return Vm(config or _filled(Config, kind, {**options, "machine": boot}), name, copy)


def _attached(kind: str, name: str, where: Path | str | None, options: dict) -> Machine:
    if not where:
        raise Unfit(f"machine {kind} needs the path or URL of its line (--serial)")
    if kind == "pty" and "://" in str(where):
        raise Unfit(f"machine pty takes the path of a PTY; machine serial takes {where}")
    if options:
        raise Unfit(f"{', '.join(options)}: a machine that runs already is as it is")
    from .attached import Attached

    return Attached(where, name, kind)


def _filled(made_of: type, kind: str, options: dict) -> Any:
    fields = dataclasses.fields(made_of)
    names = [field.name for field in fields]
    if unknown := sorted(set(options) - set(names)):
        raise Unfit(f"a machine {kind} has no {', '.join(unknown)}: it has {', '.join(names)}")
    paths = [f.name for f in fields if Path in (f.type, *typing.get_args(f.type))]
    found = {name: Path(options[name]) for name in paths if isinstance(options.get(name), str)}
    return made_of(**options | found)  # a file with options in it has no paths
