"""A device at the prompt that counts how often it is read: `counted`, and `v`, a View of it."""

COUNTED = """
from probe import *
class Counted:
    base, size, name, reads = 0x1000, 0x100, 'counted', 0
    def read32(self, off):
        self.reads += 1
        return 0x62
    def write32(self, off, value):
        self.written = value
counted = Counted()
v = View(Map('unit', '', '''
0x00 CTRL RW ENABLE@0 MODE@5:4
0x04 STATUS RO BUSY@0
0x10+4*3 PORTSC RW PED@1/RW1C PLS@8:5
'''), counted)
"""
