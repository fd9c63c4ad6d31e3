"""Field maps of ACPI tables for acpi_fields, with iasl's names for the fields.

A section per structure; its lines: bytes and name, in order; sN text, gas a Generic Address
Structure, mem IORT's memory properties: whole, then by their fields.  A line with a colon is a bit
of the field above: the next one, or :FIRST-LAST.
Sources: ACPI 6.5 §5.2; PCI Firmware 3.3 §4.1.2; Microsoft SPCR and DBG2; ARM DEN 0049 (IORT).
"""

MAPS = """
@HEADER
s4 Signature
4 Table Length
1 Revision
1 Checksum
s6 Oem ID
s8 Oem Table ID
4 Oem Revision
s4 Asl Compiler ID
4 Asl Compiler Revision
@GAS
1 Space ID
1 Bit Width
1 Bit Offset
1 Encoded Access Width
8 Address
@RSDP
s8 Signature
1 Checksum
s6 Oem ID
1 Revision
4 RSDT Address
4 Length
8 XSDT Address
1 Extended Checksum
3 Reserved
@MCFG
8 Reserved
@MCFG.entry
8 Base Address
2 Segment Group Number
1 Start Bus Number
1 End Bus Number
4 Reserved
@FACS
s4 Signature
4 Length
4 Hardware Signature
4 32 Firmware Waking Vector
4 Global Lock
4 Flags (decoded below)
:0 S4BIOS Support Present
: 64-bit Wake Supported (V2)
8 64 Firmware Waking Vector
1 Version
3 Reserved
4 OspmFlags (decoded below)
:0 64-bit Wake Env Required (V2)
@APIC
4 Local Apic Address
4 Flags (decoded below)
:0 PC-AT Compatibility
@APIC:0B
2 Reserved
4 CPU Interface Number
4 Processor UID
4 Flags (decoded below)
:0 Processor Enabled
: Performance Interrupt Trigger Mode
: Virtual GIC Interrupt Trigger Mode
4 Parking Protocol Version
4 Performance Interrupt
8 Parked Address
8 Base Address
8 Virtual GIC Base Address
8 Hypervisor GIC Base Address
4 Virtual GIC Interrupt
8 Redistributor Base Address
8 ARM MPIDR
1 Efficiency Class
1 Reserved
2 SPE Overflow Interrupt
2 TRBE Interrupt
@APIC:0C
2 Reserved
4 Local GIC Hardware ID
8 Base Address
4 Interrupt Base
1 Version
3 Reserved
@APIC:0D
2 Reserved
4 MSI Frame ID
8 Base Address
4 Flags (decoded below)
:0 Select SPI
2 SPI Count
2 SPI Base
@APIC:0E
2 Reserved
8 Base Address
4 Length
@APIC:0F
2 Reserved
4 Translation ID
8 Base Address
4 Reserved
@GTDT
8 Counter Block Address
4 Reserved
4 Secure EL1 Interrupt
4 EL1 Flags (decoded below)
:0 Trigger Mode
: Polarity
: Always On
4 Non-Secure EL1 Interrupt
4 NEL1 Flags (decoded below)
:0 Trigger Mode
: Polarity
: Always On
4 Virtual Timer Interrupt
4 VT Flags (decoded below)
:0 Trigger Mode
: Polarity
: Always On
4 Non-Secure EL2 Interrupt
4 NEL2 Flags (decoded below)
:0 Trigger Mode
: Polarity
: Always On
8 Counter Read Block Address
4 Platform Timer Count
4 Platform Timer Offset
@GTDT.el2
4 Virtual EL2 Timer GSIV
4 Virtual EL2 Timer Flags
@GTDT:00
1 Reserved
8 Block Address
4 Timer Count
4 Timer Offset
@GTDT.frame
1 Frame Number
3 Reserved
8 Base Address
8 EL0 Base Address
4 Timer Interrupt
4 Timer Flags (decoded below)
:0 Trigger Mode
: Polarity
4 Virtual Timer Interrupt
4 Virtual Timer Flags (decoded below)
:0 Trigger Mode
: Polarity
4 Common Flags (decoded below)
:0 Secure
: Always On
@GTDT:01
1 Reserved
8 Refresh Frame Address
8 Control Frame Address
4 Timer Interrupt
4 Timer Flags (decoded below)
:0 Trigger Mode
: Polarity
: Security
@SPCR
1 Interface Type
3 Reserved
gas Serial Port Register
1 Interrupt Type
1 PCAT-compatible IRQ
4 Interrupt
1 Baud Rate
1 Parity
1 Stop Bits
1 Flow Control
1 Terminal Type
1 Language
2 PCI Device ID
2 PCI Vendor ID
1 PCI Bus
1 PCI Device
1 PCI Function
4 PCI Flags
1 PCI Segment
4 Reserved
@DBG2
4 Info Offset
4 Info Count
@DBG2.device
1 Revision
2 Length
1 Register Count
2 Namepath Length
2 Namepath Offset
2 OEM Data Length
2 OEM Data Offset
2 Port Type
2 Port Subtype
2 Reserved
2 Base Address Offset
2 Address Size Offset
@DBG2.register
gas Base Address Register
@IORT
4 Node Count
4 Node Offset
4 Reserved
@IORT.node
1 Type
2 Length
1 Revision
4 Reserved
4 Mapping Count
4 Mapping Offset
@MEMORY
4 Cache Coherency
1 Hints (decoded below)
:0 Transient
: Write Allocate
: Read Allocate
: Override
2 Reserved
1 Memory Flags (decoded below)
:0 Coherency
: Device Attribute
@IORT.mapping
4 Input base
4 ID Count
4 Output Base
4 Output Reference
4 Flags (decoded below)
:0 Single Mapping
@IORT:00
4 ItsCount
@IORT:01
4 Node Flags
mem Memory Properties
1 Memory Size Limit
@IORT:02
mem Memory Properties
4 ATS Attribute
4 PCI Segment Number
1 Memory Size Limit
3 Reserved
@IORT:03
8 Base Address
8 Span
4 Model
4 Flags (decoded below)
:0 DVM Supported
: Coherent Walk
4 Global Interrupt Offset
4 Context Interrupt Count
4 Context Interrupt Offset
4 PMU Interrupt Count
4 PMU Interrupt Offset
4 NSgIrpt
4 NSgIrpt Flags (decoded below)
:0 Edge Triggered
4 NSgCfgIrpt
4 NSgCfgIrpt Flags (decoded below)
:0 Edge Triggered
@IORT:04
8 Base Address
4 Flags (decoded below)
:0 COHACC Override
:1-2 HTTU Override
: Proximity Domain Valid
4 Reserved
8 VATOS Address
4 Model
4 Event GSIV
4 PRI GSIV
4 GERR GSIV
4 Sync GSIV
4 Proximity Domain
4 Device ID Mapping Index
@IORT:05
8 Page 0 Base Address
4 Overflow Interrupt GSIV
4 Node Reference
8 Page 1 Base Address
@PPTT:00
2 Reserved
4 Flags (decoded below)
:0 Physical package
: ACPI Processor ID valid
: Processor is a thread
: Node is a leaf
: Identical Implementation
4 Parent
4 ACPI Processor ID
4 Private Resource Number
@PPTT:01
2 Reserved
4 Flags (decoded below)
:0 Size valid
: Number of Sets valid
: Associativity valid
: Allocation Type valid
: Cache Type valid
: Write Policy valid
: Line Size valid
4 Next Level of Cache
4 Size
4 Number of Sets
1 Associativity
1 Attributes
:0-1 Allocation Type
:2-3 Cache Type
: Write Policy
2 Line Size
4 Cache ID
@PPTT:02
2 Reserved
4 Vendor ID
8 Level1 ID
8 Level2 ID
2 Major revision
2 Minor revision
2 Spin revision
@BGRT
2 Version
1 Status (decoded below)
:0 Displayed
:1-2 Orientation Offset
1 Image Type
8 Image Address
4 Image OffsetX
4 Image OffsetY
@FACP
4 FACS Address
4 DSDT Address
1 Model
1 PM Profile
2 SCI Interrupt
4 SMI Command Port
1 ACPI Enable Value
1 ACPI Disable Value
1 S4BIOS Command
1 P-State Control
4 PM1A Event Block Address
4 PM1B Event Block Address
4 PM1A Control Block Address
4 PM1B Control Block Address
4 PM2 Control Block Address
4 PM Timer Block Address
4 GPE0 Block Address
4 GPE1 Block Address
1 PM1 Event Block Length
1 PM1 Control Block Length
1 PM2 Control Block Length
1 PM Timer Block Length
1 GPE0 Block Length
1 GPE1 Block Length
1 GPE1 Base Offset
1 _CST Support
2 C2 Latency
2 C3 Latency
2 CPU Cache Size
2 Cache Flush Stride
1 Duty Cycle Offset
1 Duty Cycle Width
1 RTC Day Alarm Index
1 RTC Month Alarm Index
1 RTC Century Index
2 Boot Flags (decoded below)
:0 Legacy Devices Supported (V2)
: 8042 Present on ports 60/64 (V2)
: VGA Not Present (V4)
: MSI Not Supported (V4)
: PCIe ASPM Not Supported (V4)
: CMOS RTC Not Present (V5)
1 Reserved
4 Flags (decoded below)
:0 WBINVD instruction is operational (V1)
: WBINVD flushes all caches (V1)
: All CPUs support C1 (V1)
: C2 works on MP system (V1)
: Control Method Power Button (V1)
: Control Method Sleep Button (V1)
: RTC wake not in fixed reg space (V1)
: RTC can wake system from S4 (V1)
: 32-bit PM Timer (V1)
: Docking Supported (V1)
: Reset Register Supported (V2)
: Sealed Case (V3)
: Headless - No Video (V3)
: Use native instr after SLP_TYPx (V3)
: PCIEXP_WAK Bits Supported (V4)
: Use Platform Timer (V4)
: RTC_STS valid on S4 wake (V4)
: Remote Power-on capable (V4)
: Use APIC Cluster Model (V4)
: Use APIC Physical Destination Mode (V4)
: Hardware Reduced (V5)
: Low Power S0 Idle (V5)
gas Reset Register
1 Value to cause reset
2 ARM Flags (decoded below)
:0 PSCI Compliant
: Must use HVC for PSCI
1 FADT Minor Revision
8 FACS Address
8 DSDT Address
gas PM1A Event Block
gas PM1B Event Block
gas PM1A Control Block
gas PM1B Control Block
gas PM2 Control Block
gas PM Timer Block
gas GPE0 Block
gas GPE1 Block
gas Sleep Control Register
gas Sleep Status Register
8 Hypervisor ID
"""
