"""The EHCI driver's pool of transfer descriptors, when soft handlers take from it, too."""

import dma
from ehci_memory import Memory
from raising import raised
from simtime import install

from ehci_rig import Rig

AREA = "usb"


class Free:
    """A list of Qtds, of which a soft handler takes all when the first has been taken."""

    def __init__(self, memory):
        self.all = memory._free
        self.taken = []

    def __len__(self):
        return len(self.all)

    def pop(self):
        qtd = self.all.pop()
        if not self.taken:
            self.taken, self.all = self.all, []
        return qtd

    def append(self, qtd):
        self.all.append(qtd)


def pool():
    Rig().close()  # for the memory that mmio.Regs reach
    install()
    memory = Memory(False, "pool")
    memory.give(memory.take(1))
    return memory


def test_somebody_else_takes_the_rest():
    memory = pool()
    memory._free = free = Free(memory)
    qtd = memory.take(8)
    mine = []
    while qtd is not None:
        mine.append(qtd.phys)
        qtd = qtd.link
    others = [other.phys for other in free.taken]
    assert len(mine) == 8 and len(others) == 63 and not set(mine) & set(others)
    memory._free = free.all + free.taken
    memory.free()
    assert dma.stats()[0] == 0


def test_no_memory_in_the_middle():
    memory = pool()
    alloc = memory.alloc

    def full(size, align):
        raise OSError(12, "no memory")

    memory.alloc = full
    assert raised(OSError, memory.take, 65).errno == 12
    assert len(memory._free) == 64
    memory.alloc = alloc
    memory.free()
