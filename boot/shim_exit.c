// SPDX-License-Identifier: MIT
// Memory map, page tables, and the way out of the firmware.

#include "arch.h"
#include "log.h"
#include "memmap.h"
#include "shim.h"

#define EXIT_TRIES 8
#define MAP_SLACK (64 * 48) // descriptors that later allocations may add
#define POOL_SLACK 16       // pages; the final map may have some more borders than the first
#define MIN_FREE (8ull << 20)

static efi_status_t fetch(shim_t *shim) {
    uint32_t version;
    shim->map_size = shim->map_cap;
    return shim->bs->get_memory_map(&shim->map_size, shim->map, &shim->map_key, &shim->desc_size,
                                    &version);
}

static const char *convert(shim_t *shim) {
    return memmap_convert(shim->map, shim->map_size, shim->desc_size, shim->keep, shim->keep_count,
                          arch_pa_bits(), shim->hw);
}

efi_status_t shim_get_map(shim_t *shim) {
    efi_status_t status = fetch(shim);
    for (int i = 0; i < 3 && status == EFI_BUFFER_TOO_SMALL; i++) {
        shim->map_cap = (shim->map_size + MAP_SLACK + SHIM_PAGE - 1) & ~(size_t)(SHIM_PAGE - 1);
        shim->map = (void *)(uintptr_t)shim_pages(shim, EFI_LOADER_DATA, shim->map_cap, SHIM_PAGE);
        if (shim->map == NULL) {
            shim->map_cap = 0;
            status = EFI_OUT_OF_RESOURCES;
            break;
        }
        status = fetch(shim);
    }
    if (status != EFI_SUCCESS) {
        return shim_fail(shim, "memory-map", status, NULL);
    }
    shim_keep(shim, (uintptr_t)shim->map, shim->map_cap, HW_MEM_BOOT, EFI_LOADER_DATA);
    const char *reason = convert(shim);
    if (reason != NULL) {
        return shim_fail(shim, "memory-map", EFI_LOAD_ERROR, reason);
    }
    if (memmap_total(shim->hw, HW_MEM_FREE) < MIN_FREE) {
        return shim_fail(shim, "memory-map", EFI_OUT_OF_RESOURCES, "too-little-memory");
    }
    return EFI_SUCCESS;
}

efi_status_t shim_pool(shim_t *shim) {
    shim->pt.pool_pages = pt_pages_needed(shim->hw) + POOL_SLACK;
    uint64_t size = shim->pt.pool_pages * SHIM_PAGE;
    shim->pt.pool = (uint8_t *)(uintptr_t)shim_pages(shim, EFI_LOADER_DATA, size, SHIM_PAGE);
    if (shim->pt.pool == NULL) {
        return shim_fail(shim, "page-tables", EFI_OUT_OF_RESOURCES, NULL);
    }
    shim_keep(shim, (uintptr_t)shim->pt.pool, size, HW_MEM_BOOT, EFI_LOADER_DATA);
    return EFI_SUCCESS;
}

static int build_tables(shim_t *shim) {
    pt_segment_t segments[ELF_MAX_SEGMENTS];
    for (size_t i = 0; i < shim->image.count; i++) {
        const elf_segment_t *s = &shim->image.segments[i];
        segments[i] = (pt_segment_t) {
            .vaddr = s->vaddr,
            .size = s->memsz,
            .flags =
                ((s->flags & ELF_PF_W) != 0 ? PT_W : 0) | ((s->flags & ELF_PF_X) != 0 ? PT_X : 0),
        };
    }
    shim->pt.used_pages = 0;
    int ret = pt_build(&shim->pt, shim->hw, segments, shim->image.count, arch_pa_bits());
    if (ret == 0) {
        shim_stamp(shim, HW_STAGE_TABLES_BUILT);
    }
    return ret;
}

// Between GetMemoryMap and ExitBootServices nothing here allocates or calls the firmware.
efi_status_t shim_exit(shim_t *shim) {
    const uint32_t stamps = shim->hw->stamp_count;
    efi_status_t status = EFI_SUCCESS;
    console_leave();
    for (uint32_t tries = 1; tries <= EXIT_TRIES; tries++) {
        shim->hw->stamp_count = stamps; // stages of the last try count
        status = fetch(shim);
        if (status != EFI_SUCCESS) {
            return shim_fail(shim, "final-memory-map", status, NULL);
        }
        const char *reason = convert(shim);
        if (reason != NULL) {
            return shim_fail(shim, "final-memory-map", EFI_LOAD_ERROR, reason);
        }
        int ret = build_tables(shim);
        if (ret != 0) {
            return shim_fail(shim, "page-tables", EFI_LOAD_ERROR,
                             ret == -1 ? "pool-exhausted" : "bad-range");
        }
        status = shim->bs->exit_boot_services(shim->handle, shim->map_key);
        shim->left = true;
        if (status == EFI_SUCCESS) {
            arch_mask_interrupts();
            shim_stamp(shim, HW_STAGE_EXIT_BOOT);
            shim->hw->efi_map_page = (uint32_t)((uintptr_t)shim->map / SHIM_PAGE);
            shim->hw->efi_map_shape =
                (uint32_t)(shim->map_size / shim->desc_size << 12 | (shim->desc_size & 0xfff));
            LOG("exit", log_dec("tries", tries), log_dec("map_bytes", shim->map_size),
                log_dec("desc_size", shim->desc_size), log_dec("table_pages", shim->pt.used_pages));
            memmap_log(shim->hw);
            return EFI_SUCCESS;
        }
    }
    return shim_fail(shim, "exit-boot-services", status, NULL);
}
