// SPDX-License-Identifier: MIT
// sources: boot/acpi.c boot/acpi_madt.c boot/acpi_tables.c boot/acpi_uart.c boot/log.c
// Input: physical memory at PHYS_BASE with the RSDP at its start.
#include "../../boot/acpi.h"
#include "../../boot/log.h"
#include "../native/physimage.h"

#define REQUIRE(cond) ((cond) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char text[8192];
    static hw_config_t hw;
    static physimage_t image;
    log_init(text, sizeof(text));
    memset(&hw, 0, sizeof(hw));
    image.data = data;
    image.len = size;
    physmem_t mem = {physimage_map, &image};
    acpi_read(&mem, PHYS_BASE, &hw);
    physimage_free(&image);

    REQUIRE(hw.cpu_listed <= HW_MAX_CPUS && hw.cpu_listed <= hw.cpu_count);
    REQUIRE(hw.gicr_count <= HW_MAX_GICR && hw.v2m_count <= HW_MAX_V2M);
    REQUIRE(hw.its_count <= HW_MAX_ITS && hw.ecam_count <= HW_MAX_ECAM);
    REQUIRE(hw.gic_version == 0 || hw.gicd != 0);
    REQUIRE(hw.timer_virt_intid >= 16 && hw.timer_virt_intid < 1020);
    REQUIRE((hw.uart_kind == HW_UART_NONE) == (hw.uart_base == 0));
    for (uint32_t i = 0; i < hw.gicr_count; i++) {
        REQUIRE(hw.gicr[i].base + hw.gicr[i].size > hw.gicr[i].base);
    }
    for (uint32_t i = 0; i < hw.ecam_count; i++) {
        REQUIRE(hw.ecam[i].bus_first <= hw.ecam[i].bus_last);
    }
    REQUIRE(hw.cmdline[0] == 0 && hw.mem_count == 0); // the fields behind the arrays
    return 0;
}
