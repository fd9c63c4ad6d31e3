// Every construct that the frozen modules aml and aml_resources understand, for iasl to judge.
DefinitionBlock ("", "DSDT", 2, "PYRLX ", "RICH    ", 0x00000001)
{
    External (\_SB.FARA, DeviceObj)
    External (\_SB.FARB, MethodObj)
    Name (\TOPN, 0x12345678)
    Name (ALLB, Ones)
    Mutex (MUT0, 3)
    Event (EVT0)
    OperationRegion (REG0, SystemMemory, 0x09000000, 0x1000)
    Field (REG0, DWordAcc, NoLock, Preserve)
    {
        FLDA, 8,
        Offset (0x10),
        FLDB, 4,
        AccessAs (ByteAcc, 0),
            , 12,
        FLDC, 300
    }
    OperationRegion (REG1, SystemIO, FLDA, Add (TOPN, 4))
    IndexField (FLDA, FLDB, ByteAcc, NoLock, Preserve) { IDXA, 8, IDXB, 16 }
    BankField (REG0, FLDA, 1, ByteAcc, NoLock, Preserve) { BNKA, 8 }
    DataTableRegion (DTR0, "SSDT", "", "")
    Method (\TWO, 2, Serialized) { Return (Add (Arg0, Arg1)) }
    Scope (\_SB)
    {
        Name (PLAT, Buffer (0x10) { 1, 2, 3, 4 })
        Device (CPU0)
        {
            Name (_HID, "ACPI0007")
            Method (_STA, 0, NotSerialized) { Return (0x0F) }
            Name (_UID, "cpu zero \\ \" quoted")
        }
        PowerResource (PWR0, 0, 0)
        {
            Method (_STA) { Return (One) }
            Method (_ON) { Store (1, \_SB.PCI0.VARX) }
            Method (_OFF) { Store (0, \_SB.PCI0.VARX) }
        }
        ThermalZone (THM0) { Name (_TZP, 100)  Device (FAN0) { Name (_HID, EisaId ("PNP0C0B")) } }
        Device (PCI0)
        {
            Name (_HID, EisaId ("PNP0A08"))
            Name (_CID, Package () { EisaId ("PNP0A03"), "QEMU0001" })
            Name (_ADR, 0x123456789ABCDEF0)
            Name (_CCA, 1)
            Name (_SEG, 0)
            Name (_BBN, 0x40)
            Name (VARX, 0)
            Method (_CBA) { Return (0x4010000000) }
            Method (_CRS, 0, Serialized)
            {
                Return (ResourceTemplate ()
                {
                    WordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode,
                        0, 0x40, 0x7F, 0, 0x40)
                    DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, Prefetchable,
                        ReadWrite, 0, 0x10000000, 0x1FFFFFFF, 0x100, 0x10000000)
                    QWordMemory (ResourceConsumer, SubDecode, MinNotFixed, MaxNotFixed, Cacheable,
                        ReadOnly, 0xFFFF, 0x8000000000, 0x80FFFFFFFF, 0, 0x100000000, 2,
                        "\\_SB.PCI0")
                    DWordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange,
                        0, 0, 0xFFFF, 0x3EFF0000, 0x10000, , , , TypeTranslation, SparseTranslation)
                    ExtendedMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, WriteCombining,
                        ReadWrite, 0, 0x1000, 0x1FFF, 0, 0x1000, 0x8000)
                })
            }
            Name (_PRT, Package ()
            {
                Package () { 0x0001FFFF, 0, LNKA, 0 },
                Package () { 0x0001FFFF, 1, ^PCI0.LNKB, 0 },
                Package () { 0x0002FFFF, 2, \_SB.PCI0.LNKA, 1 },
                Package () { 0x0003FFFF, 3, 0, 99 }
            })
            Device (LNKA)
            {
                Name (_HID, EisaId ("PNP0C0F"))
                Name (_PRS, ResourceTemplate ()
                {
                    Interrupt (ResourceConsumer, Edge, ActiveLow, Shared) { 40, 41 }
                })
                Method (_CRS) { Return (_PRS) }
                Method (_SRS, 1) { Store (Arg0, Local0) }
                Method (_DIS) { }
            }
            Device (LNKB)
            {
                Name (_HID, EisaId ("PNP0C0F"))
                Name (_CRS, ResourceTemplate () { IRQ (Level, ActiveLow, Shared) { 5, 11 } })
            }
            Method (_OSC, 4)
            {
                CreateDWordField (Arg3, 0, CDW1)
                If (LEqual (Arg0, ToUUID ("33db4d5b-1ff7-401c-9657-7441c03dd766"))) { Return (Arg3) }
                Else { Or (CDW1, 4, CDW1) Return (Arg3) }
            }
        }
        Device (DEV0)
        {
            Name (_HID, "PRL4010")
            Name (_CLS, Package (3) { 1, 6, 1 })
            Name (_STA, 0x0B)
            Name (_DEP, Package () { \_SB.PCI0, ^CPU0, \_SB.FARA })
            Name (_DSD, Package ()
            {
                ToUUID ("daffd814-6eba-4d8c-8a91-bc9bbf4aa301"),
                Package () { Package () { "key", 1 }, Package () { "list", Package () { 1, 2 } } }
            })
            Name (_STR, Unicode ("a name"))
            Name (_CRS, ResourceTemplate ()
            {
                Memory32Fixed (ReadWrite, 0x02140000, 0x2000)
                Memory32 (ReadOnly, 0x1000, 0x8000, 0x10, 0x100)
                Memory24 (ReadWrite, 0x10, 0x80, 0x100, 0x2)
                Interrupt (ResourceProducer, Level, ActiveHigh, ExclusiveAndWake) { 34 }
                IRQNoFlags () { 3, 7 }
                IO (Decode16, 0x60, 0x64, 1, 4)
                FixedIO (0x300, 8)
                DMA (Compatibility, NotBusMaster, Transfer8) { 2 }
                FixedDMA (3, 4, Width32bit)
                Register (SystemMemory, 32, 0, 0x9000000, 3)
                StartDependentFn (0, 0) { IRQ (Edge, ActiveHigh, Exclusive) { 10 } }
                StartDependentFn (1, 1) { IRQ (Edge, ActiveHigh, Exclusive) { 12 } }
                EndDependentFn ()
                WordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange,
                    0, 0x100, 0x1FF, 0, 0x100)
                QWordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange,
                    0, 0x100, 0x1FF, 0, 0x100)
                GpioInt (Edge, ActiveLow, Exclusive, PullUp, 0, "\\_SB.PCI0") { 3 }
                GpioIo (Exclusive, PullNone, 0, 0, IoRestrictionNone, "\\_SB.PCI0") { 4 }
                I2cSerialBusV2 (0x50, ControllerInitiated, 100000, AddressingMode7Bit, "\\_SB.PCI0")
                VendorLong () { 1, 2, 3 }
                VendorShort () { 4 }
            })
            Method (_DSM, 4) { Return (TWO (1, 2)) }
            Method (_INI) { While (LLess (VARY, 3)) { Increment (VARY) } }
            Name (VARY, 0)
        }
        Alias (\_SB.DEV0, DEVA)
    }
    Scope (\_SB.PCI0) { Device (LATE) { Name (_ADR, 0x00030000) Name (BIG, Package (300) { 7 }) } }
}
