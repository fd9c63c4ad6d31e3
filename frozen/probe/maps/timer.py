"""Memory-mapped generic timer (Arm ARM, DDI 0487 §I).

QEMU virt and Parallels have none of these frames: their timers are the system registers CNT*,
which sysreg names.
"""

from probe.regs import Map

_CTL = "RW ENABLE@0 IMASK@1 ISTATUS@2/RO\n"

CNTBASE = Map(
    "generic timer frame",
    "Arm DDI 0487 §I2.3.2",
    """
0x00 CNTPCT:64/2 RO
0x08 CNTVCT:64/2 RO
0x10 CNTFRQ RO
0x14 CNTEL0ACR RW EL0PCTEN@0 EL0VCTEN@1 EL0VTEN@8 EL0PTEN@9
0x18 CNTVOFF:64/2 RO
0x20 CNTP_CVAL:64/2 RW
0x28 CNTP_TVAL RW
0x2c CNTP_CTL """
    + _CTL
    + """0x30 CNTV_CVAL:64/2 RW
0x38 CNTV_TVAL RW
0x3c CNTV_CTL """
    + _CTL,
)

CNTCTL = Map(
    "generic timer control",
    "Arm DDI 0487 §I2.3.1",
    """
0x000 CNTFRQ RW
0x004 CNTNSAR RW
0x008 CNTTIDR RO
0x040+4*8 CNTACR RW RPCT@0 RVCT@1 RFRQ@2 RVOFF@3 RWVT@4 RWPT@5
0x080+8*8 CNTVOFF:64/2 RW
""",
)
