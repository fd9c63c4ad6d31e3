"""What Python on a target still holds after a soft reset: DMA memory, interrupts, tables."""

import ast

from pyrallax.repl import Repl

# On the target: outstanding DMA allocations; interrupt lines, message vectors and pages of
# translation tables that Python holds.  None and zeros in a build without the modules.
_LEAKS = """
import gc
gc.collect()
try:
    import dma
    print(repr(dma.stats()))
except ImportError:
    print(None)
try:
    import irq, mmu
    i = irq.info()
    print(repr((i["python_lines"], i["msi_used"], mmu.stats().tables)))
except ImportError:
    print((0, 0, 0))
"""


def outstanding(stats: object) -> int:
    """Allocations that dma.stats() counts as handed out, whatever shape it has."""
    if isinstance(stats, dict):
        for key in ("outstanding", "allocated", "used", "in_use"):
            if key in stats:
                return int(stats[key])
        raise AssertionError(f"dma.stats() names nothing outstanding: {stats}")
    if isinstance(stats, (tuple, list)):
        return int(stats[0])
    return int(stats) if isinstance(stats, int) else 0


def leaks(repl: Repl) -> str:
    """What Python on the target holds of DMA memory, interrupts and tables; "" for nothing.

    To be asked after a soft reset.  Raises what Repl.exec raises.
    """
    memory, others = map(ast.literal_eval, repl.exec(_LEAKS).split("\n")[:2])
    if outstanding(memory):
        return f"DMA memory is still allocated: {memory}"
    return f"(lines, message vectors, table pages) still held: {others}" if any(others) else ""
