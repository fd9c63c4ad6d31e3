"""What the frozen module acpi reads of a namespace against what iasl shows of the same AML."""

import ast

from . import asl, iasl
from .aslresources import resources

# Runs where the frozen modules are: prints a line for each device.  Plain values only.
VIEW = """
def plain(value):
    if isinstance(value, list):
        return [plain(v) for v in value]
    return ("name", value.name) if hasattr(value, "name") else value

def view(devices):
    from acpi_devices import Node
    from aml_data import Computed
    from aml_eval import evaluate
    for device in devices:
        values = {}
        for name in sorted(device.node.kids):
            node = device.node.kid(name)
            if node.kind in ("Name", "Method"):
                try:
                    values[name] = plain(evaluate(device._space, node))
                except Computed:
                    continue
                if isinstance(values[name], bytes) and values[name][-2:-1] == b"y":
                    values[name] = (values[name], device.resources(name))
        print((device.path, values, device.skipped, device.refused))
"""


def parse(printed: str) -> list[tuple]:
    """The lines that view() prints."""
    return [ast.literal_eval(line) for line in printed.splitlines()]


def disagreements(tables: list[bytes], viewed: list[tuple]) -> list[str]:
    """Where the devices of these definition blocks and view() of them differ; [] is good."""
    others = {f"other{n}": t for n, t in enumerate(tables)}
    wanted: list[asl.Device] = []
    for n, table in enumerate(tables):
        rest = {k: v for k, v in others.items() if k != f"other{n}"}
        wanted += asl.devices(iasl.disassemble(table, rest))
    told = []
    if [d.path for d in wanted] != [path for path, *_ in viewed]:
        told.append(
            f"devices {[path for path, *_ in viewed]}, iasl has {[d.path for d in wanted]}"
        )
    for want, (path, values, skipped, refused) in zip(wanted, viewed, strict=False):
        if refused:
            told.append(f"{path}: refused {refused}")
        if sorted(want.programs) != skipped:
            told.append(f"{path}: skipped {skipped}, iasl has {sorted(want.programs)}")
        names = {asl.trimmed(name): name for name in values}
        if set(names) != set(want.values):
            told.append(f"{path}: names {sorted(names)}, iasl has {sorted(want.values)}")
        for name in set(names) & set(want.values):
            if not _same(values[names[name]], want.values[name]):
                told.append(f"{path}.{name}: {values[names[name]]}, iasl has {want.values[name]}")
    return told


def _same(got, want) -> bool:
    if isinstance(want, asl.Call):
        return isinstance(got, tuple) and _same_resources(got[1], resources(want))
    if isinstance(got, tuple) and got[0] == "name":
        return isinstance(want, asl.Name) and asl.trimmed(got[1]) == want.path
    if isinstance(got, list):
        return (
            isinstance(want, list)
            and len(got) == len(want)
            and all(_same(g, w) for g, w in zip(got, want, strict=True))
        )
    if isinstance(got, tuple):
        got = got[0]
    return type(got) is type(want) and got == want


def _same_resources(got: list[dict], want: list[dict]) -> bool:
    """Every field that ASL shows."""
    return len(got) == len(want) and all(
        all(g.get(key) == value for key, value in w.items())
        for g, w in zip(got, want, strict=True)
    )
