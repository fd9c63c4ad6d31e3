"""xHCI host controller (xHCI 1.2): its four groups of registers, each in a window of its own.

Ports, interrupters and doorbells are counted from 0: PORTSC[0] is the spec's port 1.
64-bit registers are accessed as two halves, the low one first (§5.1).
"""

from probe.regs import Map

CAP = Map(
    "xHCI capability",
    "xHCI 1.2 §5.3",
    """
0x00 CAPLENGTH RO LENGTH@7:0 HCIVERSION@31:16 § 5.3.1, 5.3.2
0x04 HCSPARAMS1 RO MaxSlots@7:0 MaxIntrs@18:8 MaxPorts@31:24 § 5.3.3
0x08 HCSPARAMS2 RO IST@3:0 ERST_Max@7:4 Max_Scratchpad_Hi@25:21 SPR@26 Max_Scratchpad_Lo@31:27 § \
5.3.4
0x0c HCSPARAMS3 RO U1_Latency@7:0 U2_Latency@31:16 § 5.3.5
0x10 HCCPARAMS1 RO AC64@0 BNC@1 CSZ@2 PPC@3 PIND@4 LHRC@5 LTC@6 NSS@7 PAE@8 SPC@9 SEC@10 CFC@11 \
MaxPSASize@15:12 xECP@31:16 § 5.3.6
0x14 DBOFF RO § 5.3.7
0x18 RTSOFF RO § 5.3.8
0x1c HCCPARAMS2 RO U3C@0 CMC@1 FSC@2 CTC@3 LEC@4 CIC@5 ETC@6 ETC_TSC@7 GSC@8 VTC@9 § 5.3.9
""",
)

OP = Map(
    "xHCI operational",
    "xHCI 1.2 §5.4",
    """
0x00 USBCMD RW RS@0 HCRST@1/RW1S INTE@2 HSEE@3 LHCRST@7/RW1S CSS@8/RW1S CRS@9/RW1S EWE@10 EU3S@11 \
CME@13 ETE@14 TSC_EN@15 VTIOE@16 § 5.4.1
0x04 USBSTS RW1C HCH@0/RO HSE@2 EINT@3 PCD@4 SSS@8/RO RSS@9/RO SRE@10 CNR@11/RO HCE@12/RO § 5.4.2
0x08 PAGESIZE RO § 5.4.3
0x14 DNCTRL RW N@15:0 § 5.4.4
0x18 CRCR:64/2 RW RCS@0 CS@1/RW1S CA@2/RW1S CRR@3/RO PTR@63:6 § 5.4.5
0x30 DCBAAP:64/2 RW PTR@63:6 § 5.4.6
0x38 CONFIG RW MaxSlotsEn@7:0 U3E@8 CIE@9 § 5.4.7
0x400+0x10*255 PORTSC RW CCS@0/RO PED@1/RW1C OCA@3/RO PR@4/RW1S PLS@8:5{0:U0,1:U1,2:U2,3:U3,\
4:Disabled,5:RxDetect,6:Inactive,7:Polling,8:Recovery,9:HotReset,10:Compliance,11:Test,15:Resume} \
PP@9 Speed@13:10/RO{1:full,2:low,3:high,4:super,5:super+} PIC@15:14 LWS@16 CSC@17/RW1C \
PEC@18/RW1C \
WRC@19/RW1C OCC@20/RW1C PRC@21/RW1C PLC@22/RW1C CEC@23/RW1C CAS@24/RO WCE@25 WDE@26 WOE@27 \
DR@30/RO \
WPR@31/RW1S § 5.4.8
0x404+0x10*255 PORTPMSC RW § 5.4.9, differs between USB 2 and 3
0x408+0x10*255 PORTLI RO § 5.4.10
0x40c+0x10*255 PORTHLPMC RW HIRDM@1:0 L1_Timeout@9:2 BESLD@13:10 § 5.4.11
""",
)

RUNTIME = Map(
    "xHCI runtime",
    "xHCI 1.2 §5.5",
    """
0x00 MFINDEX RO Index@13:0 § 5.5.1
0x20+0x20*1024 IMAN RW IP@0/RW1C IE@1 § 5.5.2.1
0x24+0x20*1024 IMOD RW IMODI@15:0 IMODC@31:16 § 5.5.2.2
0x28+0x20*1024 ERSTSZ RW Size@15:0 § 5.5.2.3.1
0x30+0x20*1024 ERSTBA:64/2 RW PTR@63:6 § 5.5.2.3.2
0x38+0x20*1024 ERDP:64/2 RW DESI@2:0 EHB@3/RW1C PTR@63:4 § 5.5.2.3.3
""",
)

DOORBELL = Map(
    "xHCI doorbells",
    "xHCI 1.2 §5.6",
    "0+4*256 DB WO Target@7:0 StreamID@31:16 § 5.6",
)
