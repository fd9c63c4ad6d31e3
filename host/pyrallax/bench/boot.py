"""Ways to the prompt: instructions by stage, wall time, the least memory, soft reset, size."""

import time
from statistics import median

from ..image.size import measure as image_sizes
from ..repl import Repl, ReplTimeout
from ..vm.config import Unfit
from ..wire import WireClosed
from .figures import Figure
from .machine import Images, Target

_SMALL_S = 3.0  # a machine with too little memory says nothing; one with enough takes 0.1 s
_STAMP = "import boot\nprint('stamp', boot.counter())\n"


def _stages(images: Images, kind: str) -> list[tuple[str, float]]:
    """Stages of one boot, in instructions since the first stamp (uefi) or since QEMU's start."""
    with images.machine(kind) as vm:
        target = Target(vm)
        stamps = target.value("boot.timeline(True)")
        base = stamps[0][1] if kind == "uefi" else 0
        return [(name, (ticks - base) * target.ns_per_tick) for name, ticks in stamps]


def _boots(images: Images, kind: str, runs: int) -> Figure:
    # edk2 polls the disk, which answers from another thread of QEMU: more runs find the least.
    boots = [_stages(images, kind) for _ in range(2 * runs if kind == "uefi" else runs)]
    walls = [dict(_wall_stages(images, kind)) for _ in range(runs)]
    ms = median(wall["prompt"] / 1e6 for wall in walls)
    least = min(boots, key=lambda stages: stages[-1][1])
    return Figure(
        f"boot.{kind}.insns",
        "instructions",
        [dict(stages)["prompt"] for stages in boots],
        f"{ms:.1f} ms wall, median" + _loading(dict(least)),
        {"stages": least},
    )


def _loading(stages: dict[str, float]) -> str:
    if "image_loaded" not in stages:
        return ""
    return f"; {stages['image_loaded'] - stages['gop']:,.0f} of it to load the image"


def _wall_stages(images: Images, kind: str) -> list[tuple[str, float]]:
    with images.machine(kind, icount=False) as vm:
        target = Target(vm)
        stamps = target.value("boot.timeline(True)")
        return [(name, (ticks - stamps[0][1]) * target.ns_per_tick) for name, ticks in stamps]


def _reaches_prompt(images: Images, memory: int) -> bool:
    try:
        with images.machine(icount=False, memory=memory) as vm:
            Repl(vm.wire).wait_prompt(_SMALL_S)
            return True
    except (ReplTimeout, WireClosed):
        return False


def least_memory(images: Images, most: int = 64) -> int:
    """Smallest -m, in MiB, with which the direct boot shows its prompt.  Raises Unfit."""
    if not _reaches_prompt(images, most):
        raise Unfit(f"no prompt with {most} MiB")
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        if _reaches_prompt(images, middle):
            high = middle
        else:
            low = middle
    return high


def _reset_insns(images: Images) -> float:
    """From the request inside the guest to main.py's stamp, the last thing before the banner."""
    with images.machine() as vm:
        target = Target(vm)
        target.repl.put("/ram/main.py", _STAMP.encode())
        target.repl.exit_raw()
        target.repl.wait_prompt()
        vm.wire.write(b"import machine; print('stamp', boot.counter()); machine.soft_reset()\r")
        said = target.repl.read_until(b">>> ", 30)
        first, last = (
            int(line.split()[1]) for line in said.splitlines() if line.startswith(b"stamp ")
        )
        return (last - first) * target.ns_per_tick


def _reset_wall_ms(images: Images, times: int) -> float:
    """Median from the Ctrl-D that is sent to the prompt that has come."""
    with images.machine(icount=False) as vm:
        repl = Repl(vm.wire)
        repl.wait_prompt()
        walls = []
        for _ in range(times):
            began = time.monotonic()
            vm.wire.write(b"\x04")
            repl.wait_prompt()
            walls.append(time.monotonic() - began)
        return 1000 * median(walls)


def measure(images: Images, runs: int) -> tuple[list[Figure], dict]:
    """Boots, memory and soft reset."""
    figures = [_boots(images, "direct", runs), _boots(images, "uefi", runs)]
    figures.append(Figure("ram.min_mb", "MiB", [least_memory(images)], "-m of a direct boot"))
    resets = [_reset_insns(images) / 1e6 for _ in range(runs)]
    wall = _reset_wall_ms(images, 5 * runs)
    figures.append(Figure("reset.soft_ms", "ms", resets, f"{wall:.1f} ms wall, median"))
    return figures, {}


def sizes(images: Images) -> tuple[list[Figure], dict]:
    """Bytes of every loaded section and .bss, less stacks."""
    kinds = image_sizes(images.firmware)
    beside = ", ".join(f"{kind} {kinds[kind]:,}" for kind in ("text", "rodata", "data", "bss"))
    return [Figure("size.loaded_bytes", "bytes", [kinds["loaded"]], beside, {"kinds": kinds})], {}
