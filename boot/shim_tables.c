// SPDX-License-Identifier: MIT
// UEFI configuration tables (UEFI 2.10 §4.6): ACPI, SMBIOS, device tree.  The UART found there carries the log.

#include "acpi.h"
#include "log.h"
#include "memmap.h"
#include "shim.h"
#include "smbios.h"

static const efi_guid_t acpi20 = {
    0x8868e871, 0xe4f1, 0x11d3, {0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81}};
static const efi_guid_t acpi10 = {
    0xeb9d2d30, 0x2d88, 0x11d3, {0x9a, 0x16, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d}};
static const efi_guid_t smbios3 = {
    0xf2fd1544, 0x9794, 0x4a2c, {0x99, 0x2e, 0xe5, 0xbb, 0xcf, 0x20, 0xe3, 0x94}};
static const efi_guid_t smbios2 = {
    0xeb9d2d31, 0x2d88, 0x11d3, {0x9a, 0x16, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d}};
static const efi_guid_t fdt = {
    0xb1b621d5, 0xf19c, 0x41a5, {0x83, 0x0b, 0xd9, 0x15, 0x2c, 0x69, 0xaa, 0xe0}};

static uint64_t table(const shim_t *shim, const efi_guid_t *guid) {
    for (size_t i = 0; i < shim->st->configuration_count; i++) {
        const efi_configuration_t *c = &shim->st->configuration[i];
        if (__builtin_memcmp(&c->guid, guid, sizeof(*guid)) == 0) {
            return (uintptr_t)c->table;
        }
    }
    return 0;
}

static void use_uart(shim_t *shim) {
    hw_config_t *hw = shim->hw;
    if (hw->uart_kind == HW_UART_NONE) {
        LOG("uart-absent", log_word("reason", "no-usable-spcr-or-dbg2"));
        console_screen(shim->st); // else nobody could tell why it is silent from here on
    } else if (memmap_touches_ram(hw, hw->uart_base, SHIM_PAGE)) {
        LOG("uart-refused", log_hex("base", hw->uart_base), log_word("reason", "in-ram"));
        hw->uart_kind = HW_UART_NONE;
        hw->uart_from = HW_FROM_NONE;
        hw->uart_base = 0;
        hw->uart_intid = 0;
        console_screen(shim->st);
    } else {
        console_uart(hw->uart_base);
    }
}

void shim_tables(shim_t *shim) {
    hw_config_t *hw = shim->hw;
    uint64_t rsdp = table(shim, &acpi20);
    if (rsdp == 0) {
        rsdp = table(shim, &acpi10);
    }
    acpi_read(&shim->mem, rsdp, hw);
    use_uart(shim);
    shim_stamp(shim, HW_STAGE_ACPI);

    uint64_t smbios = table(shim, &smbios3);
    if (smbios == 0 || smbios_read(&shim->mem, smbios, hw) != 0) {
        smbios = table(shim, &smbios2);
        if (smbios != 0) {
            smbios_read(&shim->mem, smbios, hw);
        }
    }
    hw->fdt = table(shim, &fdt);
    if (hw->fdt != 0) {
        LOG("fdt", log_hex("phys", hw->fdt));
    }
}
