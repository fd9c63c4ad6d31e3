// SPDX-License-Identifier: MIT
// What the shim's own files share.

#ifndef PYRALLAX_BOOT_SHIM_H
#define PYRALLAX_BOOT_SHIM_H

#include <stdbool.h>

#include "efi.h"
#include "elf.h"
#include "hwconfig.h"
#include "pagetables.h"
#include "win.h"

#define SHIM_PAGE 4096ull

// A range that the firmware must keep, for the final memory map.
#define SHIM_KEEP_MAX 8

typedef struct {
    efi_handle_t handle;
    efi_system_table_t *st;
    efi_boot_services_t *bs;
    efi_loaded_image_t *loaded;
    hw_config_t *hw;
    physmem_t mem; // RAM, as far as the memory map says it is
    hw_mem_t keep[SHIM_KEEP_MAX];
    size_t keep_count;
    void *map; // buffer for GetMemoryMap
    size_t map_cap;
    size_t map_size;
    size_t map_key;
    size_t desc_size;
    elf_image_t image;
    pt_t pt;
    bool
        left; // ExitBootServices was called: no firmware calls but GetMemoryMap and ExitBootServices
} shim_t;

// Every step returns EFI_SUCCESS, or the status after shim_fail has said what happened.
efi_status_t shim_fail(shim_t *shim, const char *step, efi_status_t status, const char *reason);
const char *shim_status_name(efi_status_t status);
void shim_stamp(shim_t *shim, hw_stage_t stage);
// EfiLoaderData or EfiLoaderCode pages, aligned; 0 when there are none.
uint64_t shim_pages(shim_t *shim, efi_memory_t type, uint64_t size, uint64_t align);
// Remember that [base, base + size) is of that kind in the final map.
void shim_keep(shim_t *shim, uint64_t base, uint64_t size, hw_mem_kind_t kind, uint32_t type);

// console.c
void console_banner(efi_system_table_t *st, const char *text);
void console_uart(uint64_t base);
// The log goes to UEFI's console, what there is of it at once; until console_leave, which must come before
// the final memory map.
void console_screen(efi_system_table_t *st);
void console_leave(void);
void console_error(shim_t *shim);

// shim_tables.c: ACPI, SMBIOS, device tree pointers; finds the UART
void shim_tables(shim_t *shim);
// shim_probe.c: what needs UEFI protocols
void shim_gop(shim_t *shim);
void shim_time(shim_t *shim);
void shim_rng(shim_t *shim);
// shim_load.c: files of the volume the shim came from
efi_status_t shim_load(shim_t *shim);
// shim_exit.c
efi_status_t shim_get_map(shim_t *shim);
efi_status_t shim_pool(shim_t *shim);
efi_status_t shim_exit(shim_t *shim);

#endif
