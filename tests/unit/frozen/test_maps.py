"""The maps of devices against facts from a second source: Linux's headers, by number.

Not its text: offsets, and masks of bits, of each register that both name.
"""

from probe.maps import ahci, ehci, gic, pci, timer, uart, virtio, xhci

ALL = {
    "gic": (gic.GICD2, gic.GICD3, gic.GICR, gic.GICC, gic.V2M, gic.ITS),
    "uart": (uart.PL011,),
    "timer": (timer.CNTBASE, timer.CNTCTL),
    "ahci": (ahci.PORT, ahci.HBA),
    "xhci": (xhci.CAP, xhci.OP, xhci.RUNTIME, xhci.DOORBELL),
    "ehci": (ehci.CAP, ehci.OP),
    "virtio": (virtio.COMMON, virtio.ISR, virtio.LEGACY, virtio.MMIO),
    "pci": (pci.TYPE0, pci.TYPE1),
}


def maps():
    for group in ALL.values():
        yield from group


def mask(map, register, *names, access=None):
    """Bits of the named fields, or of all that have a class of access."""
    bits = 0
    for name, hi, lo, own, _ in map.fields(register):
        if name in names or own == access:
            bits |= (1 << hi + 1) - (1 << lo)
    return bits


def check(map, facts):
    """facts: 'NAME=offset NAME.FIELD=mask …'"""
    for fact in facts.split():
        place, _, number = fact.partition("=")
        name, _, field = place.partition(".")
        name, _, index = name.partition("#")
        number = int(number, 16)
        if field:
            assert mask(map, name, field) == number, fact
        else:
            assert map.offset(name, int(index or 0)) == number, fact


def test_registers_do_not_lie_on_each_other():
    for map in maps():
        taken = {}
        for register in map.registers():
            size = register.bits // 8
            assert register.offset % min(size, 4 if register.halves else 8) == 0, register.name
            assert not register.count or register.stride >= size, register.name
            for index in range(register.count or 1):
                for byte in range(size):
                    at = register.offset + index * register.stride + byte
                    assert taken.setdefault(at, register) is register, (map.title, register.name)


def test_fields_fit_and_have_names_of_their_own():
    for map in maps():
        for register in map.registers():
            fields = register.fields()
            assert len({f[0] for f in fields}) == len(fields), (map.title, register.name)
            assert all(f[1] < register.bits for f in fields), (map.title, register.name)
            taken = 0
            for field in fields:
                bits = (1 << field[1] + 1) - (1 << field[2])
                # STS of PxTFD holds three bits that have names, too.
                assert not taken & bits or field[0] == "STS", (map.title, register.name, field)
                taken |= bits


def test_names_can_be_attributes():
    for map in maps():
        for register in map.registers():
            for word in [register.name] + [f[0] for f in register.fields()]:
                plain = word.replace("_", "a")
                assert plain[0].isalpha(), word
                assert all(c.isalpha() or c.isdigit() for c in plain), word


def test_what_must_not_be_read():
    found = {
        (map.title, r.name) for map in maps() for r in map.registers() if r.access in ("RC", "RCW")
    }
    assert found == {
        ("PL011", "DR"),
        ("GICv2 CPU interface", "IAR"),
        ("GICv2 CPU interface", "AIAR"),
        ("virtio isr", "isr_status"),
        ("virtio legacy", "isr_status"),
    }


def test_gic():
    check(
        gic.GICD3,
        "CTLR=0 TYPER=4 IIDR=8 TYPER2=c STATUSR=10 SETSPI_NSR=40 CLRSPI_NSR=48 IGROUPR=80"
        " ISENABLER=100 ICENABLER=180 ISPENDR=200 ICPENDR=280 ISACTIVER=300 ICACTIVER=380"
        " IPRIORITYR=400 ICFGR=c00 IGRPMODR=d00 IROUTER=6000 PIDR2=ffe8 CTLR.RWP=80000000"
        " CTLR.nASSGIreq=100 CTLR.DS=40 CTLR.ARE=10 CTLR.EnableGrp1=2 TYPER.RSS=4000000"
        " TYPER.LPIS=20000 TYPER.MBIS=10000 TYPER.ESPI=100 TYPER.IDbits=f80000"
        " TYPER.num_LPIs=f800 TYPER.ITLinesNumber=1f TYPER2.VIL=80 TYPER2.nASSGIcap=100"
        " IROUTER.IRM=80000000 IROUTER#32=6100 ISENABLER#1=104",
    )
    check(gic.GICD2, "ITARGETSR=800 SGIR=f00 CPENDSGIR=f10 SPENDSGIR=f20 ICFGR=c00 IPRIORITYR=400")
    check(
        gic.GICR,
        "CTLR=0 IIDR=4 TYPER=8 STATUSR=10 WAKER=14 SETLPIR=40 CLRLPIR=48 PROPBASER=70 PENDBASER=78"
        " INVLPIR=a0 INVALLR=b0 SYNCR=c0 PIDR2=ffe8 CTLR.EnableLPIs=1 CTLR.RWP=8"
        " WAKER.ProcessorSleep=2 WAKER.ChildrenAsleep=4 TYPER.PLPIS=1 TYPER.VLPIS=2 TYPER.Dirty=4"
        " TYPER.DirectLPI=8 TYPER.Last=10 TYPER.RVPEID=80 TYPER.Processor_Number=ffff00"
        " TYPER.CommonLPIAff=3000000 TYPER.PPInum=f8000000 PROPBASER.IDbits=1f"
        " PROPBASER.Shareability=c00 PROPBASER.PA=ffffffffff000 PENDBASER.PTZ=4000000000000000"
        " PENDBASER.PA=fffffffff0000 IGROUPR0=10080 ISENABLER0=10100 ICENABLER0=10180"
        " ISPENDR0=10200 ICPENDR0=10280 ISACTIVER0=10300 ICACTIVER0=10380 IPRIORITYR=10400"
        " ICFGR0=10c00 IGRPMODR0=10d00 NSACR=10e00",
    )
    check(gic.GICC, "CTLR=0 PMR=4 BPR=8 IAR=c EOIR=10 RPR=14 HPPIR=18 ABPR=1c APR=d0 IIDR=fc")
    check(gic.GICC, "DIR=1000 IAR.INTID=3ff")
    check(gic.V2M, "MSI_TYPER=8 MSI_SETSPI_NS=40 MSI_IIDR=fcc MSI_TYPER.BaseSPI=3ff0000")
    check(gic.V2M, "MSI_TYPER.NumSPIs=3ff")
    check(
        gic.ITS,
        "CTLR=0 IIDR=4 TYPER=8 CBASER=80 CWRITER=88 CREADR=90 BASER=100 BASER#7=138 PIDR2=ffe8"
        " TRANSLATER=10040 CTLR.Enabled=1 CTLR.ImDe=2 CTLR.ITS_Number=f0 CTLR.Quiescent=80000000"
        " TYPER.Physical=1 TYPER.Virtual=2 TYPER.ITT_entry_size=f0 TYPER.ID_bits=1f00"
        " TYPER.Devbits=3e000 TYPER.PTA=80000 TYPER.HCC=ff000000 TYPER.VMOVP=2000000000"
        " TYPER.VMAPP=10000000000 TYPER.SVPET=60000000000 CBASER.Valid=8000000000000000"
        " CBASER.Shareability=c00 CBASER.InnerCache=3800000000000000"
        " CBASER.OuterCache=e0000000000000 BASER.Page_Size=300 BASER.Type=700000000000000"
        " BASER.Indirect=4000000000000000 BASER.Entry_Size=1f000000000000",
    )
    assert gic.GICD3.register("ISENABLER").access == "RW1S"
    assert gic.GICD3.register("ICENABLER").access == "RW1C"


def test_pl011():
    check(
        uart.PL011,
        "DR=0 RSR=4 FR=18 ILPR=20 IBRD=24 FBRD=28 LCR_H=2c CR=30 IFLS=34 IMSC=38 RIS=3c MIS=40"
        " ICR=44 DMACR=48 DR.OE=800 DR.BE=400 DR.PE=200 DR.FE=100 RSR.OE=8 RSR.BE=4 RSR.PE=2"
        " RSR.FE=1 FR.RI=100 FR.TXFE=80 FR.RXFF=40 FR.TXFF=20 FR.RXFE=10 FR.BUSY=8 FR.DCD=4"
        " FR.DSR=2 FR.CTS=1 CR.CTSEn=8000 CR.RTSEn=4000 CR.Out2=2000 CR.Out1=1000 CR.RTS=800"
        " CR.DTR=400 CR.RXE=200 CR.TXE=100 CR.LBE=80 CR.SIRLP=4 CR.SIREN=2 CR.UARTEN=1"
        " LCR_H.SPS=80 LCR_H.WLEN=60 LCR_H.FEN=10 LCR_H.STP2=8 LCR_H.EPS=4 LCR_H.PEN=2 LCR_H.BRK=1"
        " IMSC.OEIM=400 IMSC.BEIM=200 IMSC.PEIM=100 IMSC.FEIM=80 IMSC.RTIM=40 IMSC.TXIM=20"
        " IMSC.RXIM=10 IMSC.DSRMIM=8 IMSC.DCDMIM=4 IMSC.CTSMIM=2 IMSC.RIMIM=1 ICR.RTIC=40"
        " RIS.TXRIS=20 MIS.TXMIS=20 DMACR.DMAONERR=4 DMACR.TXDMAE=2 DMACR.RXDMAE=1",
    )


def test_timer():
    check(timer.CNTCTL, "CNTTIDR=8 CNTACR=40 CNTACR#1=44 CNTACR.RPCT=1 CNTACR.RWPT=20")
    check(timer.CNTBASE, "CNTPCT=0 CNTVCT=8 CNTFRQ=10 CNTP_CVAL=20 CNTP_TVAL=28 CNTP_CTL=2c")
    check(timer.CNTBASE, "CNTV_CVAL=30 CNTV_TVAL=38 CNTV_CTL=3c CNTV_CTL.ISTATUS=4")


def test_ahci():
    check(
        ahci.HBA,
        "CAP=0 GHC=4 IS=8 PI=c VS=10 EM_LOC=1c EM_CTL=20 CAP2=24 GHC.HR=1 GHC.IE=2 GHC.AE=80000000"
        " CAP.NP=1f CAP.SXS=20 CAP.EMS=40 CAP.CCCS=80 CAP.PSC=2000 CAP.SSC=4000 CAP.PMD=8000"
        " CAP.FBSS=10000 CAP.SPM=20000 CAP.SAM=40000 CAP.SCLO=1000000 CAP.SAL=2000000"
        " CAP.SALP=4000000 CAP.SSS=8000000 CAP.SMPS=10000000 CAP.SSNTF=20000000 CAP.SNCQ=40000000"
        " CAP.S64A=80000000 CAP2.BOH=1 CAP2.NVMP=2 CAP2.APST=4 EM_CTL.RST=200 EM_CTL.TM=100"
        " EM_CTL.ALHD=4000000 PxCLB#0=100 PxCMD#2=218 PxCI#31=10b8",
    )
    check(
        ahci.PORT,
        "PxCLB=0 PxCLBU=4 PxFB=8 PxFBU=c PxIS=10 PxIE=14 PxCMD=18 PxTFD=20 PxSIG=24 PxSSTS=28"
        " PxSCTL=2c PxSERR=30 PxSACT=34 PxCI=38 PxSNTF=3c PxFBS=40 PxIS.CPDS=80000000"
        " PxIS.TFES=40000000 PxIS.HBFS=20000000 PxIS.HBDS=10000000 PxIS.IFS=8000000"
        " PxIS.INFS=4000000 PxIS.OFS=1000000 PxIS.IPMS=800000 PxIS.PRCS=400000 PxIS.DMPS=80"
        " PxIS.PCS=40 PxIS.DPS=20 PxIS.UFS=10 PxIS.SDBS=8 PxIS.DSS=4 PxIS.PSS=2 PxIS.DHRS=1"
        " PxIE.TFEE=40000000 PxIE.CPDE=80000000 PxCMD.ASP=8000000 PxCMD.ALPE=4000000"
        " PxCMD.ATAPI=1000000 PxCMD.FBSCP=400000 PxCMD.PMA=20000 PxCMD.CR=8000 PxCMD.FR=4000"
        " PxCMD.FRE=10 PxCMD.CLO=8 PxCMD.POD=4 PxCMD.SUD=2 PxCMD.ST=1 PxCMD.ICC=f0000000"
        " PxFBS.DWE=f0000 PxFBS.ADO=f000 PxFBS.DEV=f00 PxFBS.SDE=4 PxFBS.DEC=2 PxFBS.EN=1",
    )
    cleared = mask(ahci.PORT, "PxIS", access="RW1C")
    assert cleared == 0xFD8000AF  # PRCS, PCS and UFS follow PxSERR and the FIS (§3.3.5)


def test_xhci():
    check(
        xhci.CAP,
        "CAPLENGTH=0 HCSPARAMS1=4 HCSPARAMS2=8 HCSPARAMS3=c HCCPARAMS1=10 DBOFF=14 RTSOFF=18"
        " HCCPARAMS2=1c CAPLENGTH.HCIVERSION=ffff0000 HCSPARAMS1.MaxSlots=ff"
        " HCSPARAMS1.MaxIntrs=7ff00 HCSPARAMS1.MaxPorts=ff000000 HCSPARAMS2.ERST_Max=f0"
        " HCSPARAMS2.Max_Scratchpad_Lo=f8000000 HCSPARAMS2.Max_Scratchpad_Hi=3e00000"
        " HCCPARAMS1.AC64=1 HCCPARAMS1.CSZ=4 HCCPARAMS1.PPC=8 HCCPARAMS1.MaxPSASize=f000"
        " HCCPARAMS1.xECP=ffff0000",
    )
    check(
        xhci.OP,
        "USBCMD=0 USBSTS=4 PAGESIZE=8 DNCTRL=14 CRCR=18 DCBAAP=30 CONFIG=38 PORTSC=400"
        " PORTPMSC=404 PORTLI=408 PORTHLPMC=40c PORTSC#1=410 USBCMD.RS=1 USBCMD.HCRST=2"
        " USBCMD.INTE=4 USBCMD.HSEE=8 USBCMD.LHCRST=80 USBCMD.CSS=100 USBCMD.CRS=200"
        " USBCMD.EWE=400 USBCMD.EU3S=800 USBSTS.HCH=1 USBSTS.HSE=4 USBSTS.EINT=8 USBSTS.PCD=10"
        " USBSTS.SSS=100 USBSTS.RSS=200 USBSTS.SRE=400 USBSTS.CNR=800 USBSTS.HCE=1000"
        " CRCR.CS=2 CRCR.CA=4 CRCR.CRR=8 CONFIG.MaxSlotsEn=ff PORTSC.CCS=1 PORTSC.PED=2"
        " PORTSC.OCA=8 PORTSC.PR=10 PORTSC.PLS=1e0 PORTSC.PP=200 PORTSC.Speed=3c00"
        " PORTSC.PIC=c000 PORTSC.LWS=10000 PORTSC.CAS=1000000 PORTSC.WCE=2000000"
        " PORTSC.WDE=4000000 PORTSC.WOE=8000000 PORTSC.DR=40000000 PORTSC.WPR=80000000",
    )
    assert mask(xhci.OP, "PORTSC", access="RW1C") == 0x00FE0002  # PED and the seven changes
    assert mask(xhci.OP, "USBSTS", access="RW1C") == 0x0000041C
    check(
        xhci.RUNTIME, "MFINDEX=0 IMAN=20 IMOD=24 ERSTSZ=28 ERSTBA=30 ERDP=38 IMAN#1=40 IMAN.IP=1"
    )
    check(xhci.RUNTIME, "IMAN.IE=2 ERDP.EHB=8 ERDP.DESI=7")
    check(xhci.DOORBELL, "DB#1=4 DB.StreamID=ffff0000")


def test_ehci():
    check(
        ehci.CAP,
        "CAPLENGTH=0 HCSPARAMS=4 HCCPARAMS=8 HCSPARAMS.DPN=f00000 HCSPARAMS.P_INDICATOR=10000"
        " HCSPARAMS.N_CC=f000 HCSPARAMS.N_PCC=f00 HCSPARAMS.PRR=80 HCSPARAMS.PPC=10"
        " HCSPARAMS.N_PORTS=f HCCPARAMS.EECP=ff00 HCCPARAMS.ASPC=4 HCCPARAMS.PFLF=2"
        " HCCPARAMS.AC64=1",
    )
    check(
        ehci.OP,
        "USBCMD=0 USBSTS=4 USBINTR=8 FRINDEX=c CTRLDSSEGMENT=10 PERIODICLISTBASE=14"
        " ASYNCLISTADDR=18 CONFIGFLAG=40 PORTSC=44 PORTSC#1=48 USBCMD.ASPME=800 USBCMD.ASPMC=300"
        " USBCMD.LHCRESET=80 USBCMD.IAAD=40 USBCMD.ASE=20 USBCMD.PSE=10 USBCMD.HCRESET=2"
        " USBCMD.RS=1 USBSTS.ASS=8000 USBSTS.PSS=4000 USBSTS.Reclamation=2000 USBSTS.HCHalted=1000"
        " USBSTS.IAA=20 USBSTS.HSE=10 USBSTS.FLR=8 USBSTS.PCD=4 USBSTS.USBERRINT=2 USBSTS.USBINT=1"
        " PORTSC.WKOC_E=400000 PORTSC.WKDSCNNT_E=200000 PORTSC.WKCNNT_E=100000 PORTSC.PTC=f0000"
        " PORTSC.PO=2000 PORTSC.PP=1000 PORTSC.LS=c00 PORTSC.PR=100 PORTSC.SUSP=80 PORTSC.FPR=40"
        " PORTSC.OCA=10 PORTSC.PED=4 PORTSC.CCS=1",
    )
    assert mask(ehci.OP, "PORTSC", access="RW1C") == 0x2A


def test_virtio():
    check(
        virtio.COMMON,
        "device_feature_select=0 device_feature=4 driver_feature_select=8 driver_feature=c"
        " config_msix_vector=10 num_queues=12 device_status=14 config_generation=15"
        " queue_select=16 queue_size=18 queue_msix_vector=1a queue_enable=1c queue_notify_off=1e"
        " queue_desc=20 queue_driver=28 queue_device=30 queue_notify_data=38 queue_reset=3a"
        " device_status.DRIVER_OK=4 device_status.FEATURES_OK=8 device_status.NEEDS_RESET=40"
        " device_status.FAILED=80",
    )
    check(
        virtio.LEGACY,
        "device_feature=0 driver_feature=4 queue_address=8 queue_size=c queue_select=e"
        " queue_notify=10 device_status=12 isr_status=13 config_msix_vector=14"
        " queue_msix_vector=16",
    )
    check(
        virtio.MMIO,
        "MagicValue=0 Version=4 DeviceID=8 VendorID=c DeviceFeatures=10 DeviceFeaturesSel=14"
        " DriverFeatures=20 DriverFeaturesSel=24 QueueSel=30 QueueNumMax=34 QueueNum=38"
        " QueueReady=44 QueueNotify=50 InterruptStatus=60 InterruptACK=64 Status=70"
        " QueueDescLow=80 QueueDescHigh=84 QueueDriverLow=90 QueueDriverHigh=94 QueueDeviceLow=a0"
        " QueueDeviceHigh=a4 ConfigGeneration=fc",
    )


def test_pci():
    common = (
        "VENDOR_ID=0 DEVICE_ID=2 COMMAND=4 STATUS=6 CLASS=8 CACHE_LINE_SIZE=c LATENCY_TIMER=d"
        " HEADER_TYPE=e BIST=f BAR=10 BAR#1=14 CAP_PTR=34 INTERRUPT_LINE=3c INTERRUPT_PIN=3d"
        " COMMAND.IO=1 COMMAND.MEMORY=2 COMMAND.MASTER=4 COMMAND.SPECIAL=8 COMMAND.MWI=10"
        " COMMAND.VGA_SNOOP=20 COMMAND.PARITY=40 COMMAND.SERR=100 COMMAND.FAST_BACK=200"
        " COMMAND.INTX_DISABLE=400 STATUS.INTX=8 STATUS.CAP_LIST=10 STATUS.DEVSEL=600"
    )
    check(pci.TYPE0, common + " CARDBUS_CIS=28 SUBSYSTEM_VENDOR_ID=2c SUBSYSTEM_ID=2e ROM_BAR=30")
    check(pci.TYPE0, "BAR#5=24 MIN_GNT=3e MAX_LAT=3f")
    check(
        pci.TYPE1,
        common + " PRIMARY_BUS=18 SECONDARY_BUS=19 SUBORDINATE_BUS=1a SECONDARY_LATENCY_TIMER=1b"
        " IO_BASE=1c IO_LIMIT=1d SECONDARY_STATUS=1e MEMORY_BASE=20 MEMORY_LIMIT=22 PREF_BASE=24"
        " PREF_LIMIT=26 PREF_BASE_UPPER=28 PREF_LIMIT_UPPER=2c IO_BASE_UPPER=30 IO_LIMIT_UPPER=32"
        " ROM_BAR=38 BRIDGE_CONTROL=3e BRIDGE_CONTROL.PARITY=1 BRIDGE_CONTROL.SERR=2"
        " BRIDGE_CONTROL.ISA=4 BRIDGE_CONTROL.VGA=8 BRIDGE_CONTROL.MASTER_ABORT=20"
        " BRIDGE_CONTROL.BUS_RESET=40 BRIDGE_CONTROL.FAST_BACK=80",
    )
    assert mask(pci.TYPE0, "STATUS", access="RW1C") == 0xF900
