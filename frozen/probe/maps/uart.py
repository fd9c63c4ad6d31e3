"""PL011 UART (Arm DDI 0183G); an SBSA UART is a part of it."""

from probe.regs import Map

_LINES = "RI%s@0 CTS%s@1 DCD%s@2 DSR%s@3 RX%s@4 TX%s@5 RT%s@6 FE%s@7 PE%s@8 BE%s@9 OE%s@10\n"


def _interrupts(modem, other):
    return _LINES % ((modem,) * 4 + (other,) * 7)


PL011 = Map(
    "PL011",
    "Arm DDI 0183G §3.3",
    """
0x000 DR RCW DATA@7:0 FE@8/RO PE@9/RO BE@10/RO OE@11/RO § 3.3.1, reading takes a byte
0x004 RSR RW FE@0/RO PE@1/RO BE@2/RO OE@3/RO § 3.3.2, any write clears
0x018 FR RO CTS@0 DSR@1 DCD@2 BUSY@3 RXFE@4 TXFF@5 RXFF@6 TXFE@7 RI@8 § 3.3.3
0x020 ILPR RW ILPDVSR@7:0
0x024 IBRD RW DIVINT@15:0
0x028 FBRD RW DIVFRAC@5:0
0x02c LCR_H RW BRK@0 PEN@1 EPS@2 STP2@3 FEN@4 WLEN@6:5{0:5,1:6,2:7,3:8} SPS@7 § 3.3.7
0x030 CR RW UARTEN@0 SIREN@1 SIRLP@2 LBE@7 TXE@8 RXE@9 DTR@10 RTS@11 Out1@12 Out2@13 RTSEn@14 \
CTSEn@15
0x034 IFLS RW TXIFLSEL@2:0{0:1/8,1:1/4,2:1/2,3:3/4,4:7/8} \
RXIFLSEL@5:3{0:1/8,1:1/4,2:1/2,3:3/4,4:7/8}
0x038 IMSC RW """
    + _interrupts("MIM", "IM")
    + "0x03c RIS RO "
    + _interrupts("RMIS", "RIS")
    + "0x040 MIS RO "
    + _interrupts("MMIS", "MIS")
    + "0x044 ICR WO "
    + _interrupts("MIC", "IC")
    + """0x048 DMACR RW RXDMAE@0 TXDMAE@1 DMAONERR@2
0xfe0+4*4 PeriphID RO
0xff0+4*4 PCellID RO
""",
)
