"""Machines with SATA disks, for the tests of AHCI."""

import random
from pathlib import Path

MIB = 1 << 20


def image(path: Path, size: int = 32 * MIB, filled: int = 4 * MIB, seed: int = 1) -> bytes:
    """A raw image that begins with pseudo-random bytes; those bytes."""
    data = random.Random(seed).randbytes(filled)
    with path.open("wb") as f:
        f.write(data)
        f.truncate(size)
    return data


def drive(n: int, path: Path, more: str = "", bus: str = "a") -> tuple[str, list[str]]:
    """`-device` and further arguments for a disk on port n."""
    return f"ide-hd,drive=d{n},bus={bus}.{n}{more}", [
        "-drive",
        f"if=none,id=d{n},format=raw,file={path}",
    ]


def machine(vm_factory, *drives, hba: tuple[str, ...] = ("ich9-ahci,id=a",), **options):
    """The raw REPL of a machine with these drives; `ahci` imported, `d` the first disk."""
    devices, extra = [*hba], []
    for device, arguments in drives:
        devices.append(device)
        extra += arguments
    repl = vm_factory(device=devices, extra=extra + options.pop("extra", []), **options).repl()
    repl.exec(
        "import ahci\nahci.probe()\nd = ahci.disks()[0] if ahci.disks() else None", timeout=60
    )
    return repl


def value(repl, expression: str, timeout: float = 60):
    """What an expression on the target is worth, a Python literal."""
    return repl.eval(expression, timeout)


def parts_of_blocks(repl, data: bytearray) -> None:
    """Read and write at odd places of `d`, which has `data`; what it has then is in data."""
    for block, off, n in ((0, 0, 1), (3, 5, 100), (7, 511, 2), (10, 0, 1024), (20, 700, 3000)):
        at = block * 512 + off
        repl.exec(f"b = bytearray({n})\nassert d.readblocks({block}, b, {off}) == 0")
        assert value(repl, "bytes(b)") == data[at : at + n]
        repl.exec(f"w = bytes(i * 3 & 255 for i in range({n}))")
        assert value(repl, f"d.writeblocks({block}, w, {off})") == 0
        data[at : at + n] = bytes(i * 3 & 255 for i in range(n))


def hold(vm, name: str = "d0", on: bool = True) -> None:
    """Reads of a drive wait until release(), all but the first: for that the throttle has credit.

    No reset of the drive meanwhile: QEMU waits for its reads then, and does not hear release().
    """
    limits = dict.fromkeys(("bps", "bps_rd", "bps_wr", "iops", "iops_rd", "iops_wr"), 0)
    vm.qmp("block_set_io_throttle", device=name, **{**limits, "bps_rd": int(on)})


def release(vm, name: str = "d0") -> None:
    """Let what hold() held go on."""
    hold(vm, name, False)


def run_held(vm, repl, code: str) -> None:
    """Run a program whose reads are held until it prints "held"."""
    said = bytearray()

    def sink(data):
        before = b"held" in said
        said.extend(data)
        if b"held" in said and not before:
            release(vm)

    hold(vm)
    result = repl.run(code, 60, sink)
    assert not result.stderr, result.stderr
    assert b"held" in said
