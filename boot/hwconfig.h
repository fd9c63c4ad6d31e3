// SPDX-License-Identifier: MIT
// hw_config: the hand-off from whoever found the hardware (UEFI shim, or the firmware's own device
// tree reader) to the firmware.  One header for both sides; the layout is asserted at the end.
//
// Entry contract (start.S): x0 = physical address of an hw_config_t, or of a flattened device tree,
// or 0.  EL1 or EL2, little endian; MMU off, or on with an identity map.  When x0 is an hw_config_t, the
// image, this structure, the page tables and the log it names were cleaned to the point of coherency.

#ifndef PYRALLAX_BOOT_HWCONFIG_H
#define PYRALLAX_BOOT_HWCONFIG_H

#include <stddef.h>
#include <stdint.h>

#define HW_MAGIC 0x58525950u // "PYRX"
#define HW_VERSION 1u

// hw_config_t.flags
#define HW_F_UEFI (1u << 0)  // filled by the UEFI shim
#define HW_F_FDT (1u << 1)   // filled from a device tree
#define HW_F_ACPI (1u << 2)  // rsdp is valid
#define HW_F_EL2 (1u << 3)   // entered at EL2 and dropped to EL1
#define HW_F_GUESS (1u << 4) // neither tables nor tree: QEMU virt defaults

#define MPIDR_AFFINITY 0xff00ffffffull // MPIDR_EL1: Aff3 to Aff0
#define HW_MAX_CPUS 64
#define HW_MAX_GICR 8
#define HW_MAX_V2M 4
#define HW_MAX_ITS 4
#define HW_MAX_ECAM 8
#define HW_MAX_GOP_MODES 32
#define HW_MAX_STAMPS 32
#define HW_MAX_MEM 512
#define HW_CMDLINE_LEN 512
#define HW_NAME_LEN 64

// What a piece of the physical address space is.  Everything not listed is device memory.
typedef enum {
    HW_MEM_FREE = 1,     // RAM the firmware may use as it likes
    HW_MEM_IMAGE = 2,    // the firmware image itself (text, data, bss, stacks)
    HW_MEM_BOOT = 3,     // hand-off data: this structure, page tables, shim log; keep
    HW_MEM_FIRMWARE = 4, // UEFI runtime services code and data
    HW_MEM_ACPI = 5,     // ACPI tables and NVS
    HW_MEM_RESERVED = 6, // RAM (write-back capable) that the platform reserves
    HW_MEM_FB = 7,       // linear frame buffer, mapped Normal non-cacheable
    HW_MEM_MMIO = 8,     // device memory that the firmware names
} hw_mem_kind_t;

typedef enum {
    HW_UART_NONE = 0,
    HW_UART_PL011 = 1, // full PL011
    HW_UART_SBSA = 2,  // SBSA generic UART: no baud rate, no line control
} hw_uart_kind_t;

typedef enum {
    HW_FROM_NONE = 0,
    HW_FROM_SPCR = 1,
    HW_FROM_DBG2 = 2,
    HW_FROM_FDT = 3,
    HW_FROM_DEFAULT = 4, // a constant for a known platform
} hw_source_t;

typedef enum {
    HW_PSCI_NONE = 0,
    HW_PSCI_HVC = 1,
    HW_PSCI_SMC = 2,
} hw_psci_t;

typedef enum {
    HW_FB_NONE = 0,
    HW_FB_XRGB8888 = 1, // bytes B G R X
    HW_FB_XBGR8888 = 2, // bytes R G B X
    HW_FB_OTHER = 3,    // bit mask format, not drawn to
    HW_FB_BLT_ONLY = 4, // no linear frame buffer
} hw_fb_format_t;

// Boot stages, stamped with CNTVCT_EL0.  Names in modules/boot.
typedef enum {
    HW_STAGE_SHIM_ENTRY = 1,
    HW_STAGE_ACPI = 2,
    HW_STAGE_GOP = 3,
    HW_STAGE_IMAGE_LOADED = 4,
    HW_STAGE_TABLES_BUILT = 5,
    HW_STAGE_EXIT_BOOT = 6,
    HW_STAGE_JUMP = 7,
    HW_STAGE_ENTRY = 16, // firmware _start in the high half
    HW_STAGE_CONSOLE = 17,
    HW_STAGE_MEMORY = 18,
    HW_STAGE_IRQ = 19,
    HW_STAGE_HEAP = 20,
    HW_STAGE_BOOT_PY = 21,
    HW_STAGE_PROMPT = 22,
} hw_stage_t;

typedef struct {
    uint64_t base; // page aligned
    uint64_t size; // page multiple
    uint32_t kind; // hw_mem_kind_t
    uint32_t type; // the source's own number (EFI_MEMORY_TYPE), for the log
} hw_mem_t;

typedef struct {
    uint64_t base;
    uint64_t size;
} hw_range_t;

typedef struct {
    uint64_t base;
    uint32_t spi_base;  // first INTID; 0: read MSI_TYPER
    uint32_t spi_count; // 0: read MSI_TYPER
} hw_v2m_t;

typedef struct {
    uint64_t base; // address of bus 0's configuration space
    uint16_t segment;
    uint8_t bus_first;
    uint8_t bus_last;
    uint32_t reserved;
} hw_ecam_t;

typedef struct {
    uint32_t width;
    uint32_t height;
    uint32_t stride; // pixels per scan line
    uint32_t format; // hw_fb_format_t
} hw_gop_mode_t;

typedef struct {
    uint32_t stage; // hw_stage_t
    uint32_t reserved;
    uint64_t cntvct;
} hw_stamp_t;

typedef struct {
    uint32_t magic;
    uint32_t version;
    uint32_t size; // sizeof(hw_config_t)
    uint32_t crc;  // hw_crc32 of the structure with this field 0
    uint32_t flags;
    uint32_t psci; // hw_psci_t

    // Translation regime of EL1, ready to load.
    uint64_t ttbr0;
    uint64_t ttbr1;
    uint64_t tcr;
    uint64_t mair;

    // Image: physical address of the byte linked at KERNEL_BASE, and the span up to its last page.
    uint64_t image_phys;
    uint64_t image_size;
    uint8_t build_id[20];
    uint32_t boot_el; // exception level the shim ran at

    // Console UART.
    uint64_t uart_base;
    uint32_t uart_kind;  // hw_uart_kind_t
    uint32_t uart_intid; // 0: none known
    uint32_t uart_from;  // hw_source_t

    // Interrupt controller.
    uint32_t gic_version; // 2 or 3 (4 counts as 3), 0: none found
    uint64_t gicd;
    uint64_t gicc; // GICv2 CPU interface
    uint32_t gicr_count;
    uint32_t v2m_count;
    hw_range_t gicr[HW_MAX_GICR];
    hw_v2m_t v2m[HW_MAX_V2M];
    uint64_t its[HW_MAX_ITS];
    uint32_t its_count;

    // Generic timer (GTDT) and SBSA watchdog.
    uint32_t timer_virt_intid; // 27 by default
    uint32_t timer_virt_flags; // GTDT flags: bit 0 edge, bit 1 active low
    uint32_t timer_phys_intid; // non-secure EL1
    uint32_t wdt_intid;        // 0: no watchdog
    uint32_t ecam_count;
    uint64_t wdt_refresh;
    uint64_t wdt_control;

    hw_ecam_t ecam[HW_MAX_ECAM];

    // Processors.  cpu_count may exceed the listed ones.
    uint32_t cpu_count;
    uint32_t cpu_listed;
    uint64_t cpu_mpidr[HW_MAX_CPUS];

    // Tables, physical addresses, 0 where absent.
    uint64_t rsdp;
    uint64_t smbios; // entry point structure (_SM_ or _SM3_)
    uint64_t fdt;
    uint64_t efi_system_table;

    // Frame buffer as the firmware left it.
    uint64_t fb_base;
    uint64_t fb_size;
    hw_gop_mode_t fb_mode;
    uint32_t gop_mode_count; // modes the firmware has; the listed ones are bounded
    uint32_t gop_mode_listed;
    hw_gop_mode_t gop_modes[HW_MAX_GOP_MODES];

    // Wall clock: seconds since 1970-01-01 UTC (0: unknown) when CNTVCT_EL0 read epoch_cntvct.
    uint64_t epoch_s;
    uint64_t epoch_cntvct;
    uint64_t pl031; // PL031 RTC base, 0: none

    uint32_t rng_len;
    uint8_t rng_seed[64];
    uint8_t uuid[16];           // SMBIOS type 1, as stored; zeros: unknown
    uint32_t efi_map_page;      // the UEFI memory map as the firmware left it: page number; 0: none
    char vendor[HW_NAME_LEN];   // SMBIOS type 1 manufacturer, or "" / device tree compatible
    char product[HW_NAME_LEN];  // SMBIOS type 1 product, or device tree model
    char firmware[HW_NAME_LEN]; // UEFI firmware vendor and revision
    char cmdline[HW_CMDLINE_LEN];

    // Shim log: plain text, '\n' lines.
    uint64_t log_phys;
    uint32_t log_len;

    uint32_t stamp_count;
    hw_stamp_t stamps[HW_MAX_STAMPS];

    // Physical memory, ascending, no overlap, page aligned.
    uint32_t mem_count;
    uint32_t efi_map_shape; // its descriptors << 12 | bytes of one
    hw_mem_t mem[HW_MAX_MEM];
} hw_config_t;

// CRC-32 (IEEE 802.3, reflected, init and final xor all ones) over len bytes.
uint32_t hw_crc32(const void *buf, size_t len);
// The value hw_config_t.crc must have.  Does not change *hw.
uint32_t hw_config_crc(const hw_config_t *hw);

#define HW_ASSERT_OFFSET(field, offset)                                                            \
    _Static_assert(offsetof(hw_config_t, field) == (offset), "hw_config_t." #field)

HW_ASSERT_OFFSET(ttbr0, 24);
HW_ASSERT_OFFSET(image_phys, 56);
HW_ASSERT_OFFSET(uart_base, 96);
HW_ASSERT_OFFSET(gicd, 120);
HW_ASSERT_OFFSET(gicr, 144);
HW_ASSERT_OFFSET(its, 336);
HW_ASSERT_OFFSET(wdt_refresh, 392);
HW_ASSERT_OFFSET(ecam, 408);
HW_ASSERT_OFFSET(cpu_count, 536);
HW_ASSERT_OFFSET(rsdp, 1056);
HW_ASSERT_OFFSET(fb_base, 1088);
HW_ASSERT_OFFSET(gop_modes, 1128);
HW_ASSERT_OFFSET(epoch_s, 1640);
HW_ASSERT_OFFSET(rng_seed, 1668);
HW_ASSERT_OFFSET(vendor, 1752);
HW_ASSERT_OFFSET(cmdline, 1944);
HW_ASSERT_OFFSET(log_phys, 2456);
HW_ASSERT_OFFSET(stamps, 2472);
HW_ASSERT_OFFSET(mem_count, 2984);
HW_ASSERT_OFFSET(mem, 2992);
_Static_assert(sizeof(hw_config_t) == 15280, "hw_config_t");

#endif
