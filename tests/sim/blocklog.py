"""A block device that remembers what was written to it and flushed, and what a power cut would
have left of it.
"""

from ramblk import RamBlock

FLUSH = 3


class BlockLog(RamBlock):
    """log holds (sector, bytes) of each write, None for a flush, and marks of mark().

    image: the content before the first entry.
    """

    def __init__(self, size, block_size=512):
        RamBlock.__init__(self, size, block_size)
        self.image = bytes(self.data)
        self.log = []

    def restart(self):
        """Forget the log: the content now is what it begins with."""
        self.image = bytes(self.data)
        self.log = []

    def mark(self, what):
        """Put any object into the log, between the writes."""
        self.log.append(("mark", what))

    def writeblocks(self, n, buf, off=0):
        status = RamBlock.writeblocks(self, n, buf, off)
        if status == 0:
            self.log.append((n * self.block_size + off, bytes(buf)))
        return status

    def ioctl(self, op, arg):
        if op == FLUSH:
            self.log.append(None)
        return RamBlock.ioctl(self, op, arg)

    def cut(self, upto, random=None, unit=1024):
        """The content after a cut behind log[:upto].

        Without random all of these writes arrived.  With it (random.Random), what was written
        after the last flush
        arrived in part: each `unit` bytes of it or not, in any order.
        """
        last = 0
        for i in range(upto):
            if self.log[i] is None:
                last = i
        data = bytearray(self.image)
        loose = []
        for i in range(upto):
            entry = self.log[i]
            if entry is None or entry[0] == "mark":
                continue
            at, content = entry
            if i < last or random is None:
                data[at : at + len(content)] = content
            else:
                for off in range(0, len(content), unit):
                    loose.append((at + off, content[off : off + unit]))
        if random is not None:
            kept = random.random()
            random.shuffle(loose)
            for at, content in loose:
                if random.random() < kept:
                    data[at : at + len(content)] = content
        return data

    def marks(self, upto):
        """The marks before log[upto]."""
        return [e[1] for e in self.log[:upto] if e is not None and e[0] == "mark"]
