// SPDX-License-Identifier: MIT
// BOOTAA64.EFI: find the hardware, load the firmware, leave UEFI, jump.  Resets and disconnects nothing.
// efi_main at the end of this file is the boot order.

#include "shim.h"

#include "arch.h"
#include "log.h"
#include "memmap.h"

#include "../ports/aarch64-parallels/memlayout.h"

#define LOG_SIZE (64 * 1024)
#define READ_US 3000000 // an error stays on the screen for so long before the firmware goes on

static const efi_guid_t loaded_guid = {
    0x5b1b31a1, 0x9562, 0x11d2, {0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b}};

const char *shim_status_name(efi_status_t status) {
    static const char *const names[] = {
        "success",         "load-error",       "invalid-parameter", "unsupported",
        "bad-buffer-size", "buffer-too-small", "not-ready",         "device-error",
        "write-protected", "out-of-resources", "volume-corrupted",  "volume-full",
        "no-media",        "media-changed",    "not-found",         "access-denied",
        "no-response",     "no-mapping",       "timeout",
    };
    uint64_t code = status & ~(1ull << 63);
    return code < sizeof(names) / sizeof(names[0]) ? names[code] : "error";
}

efi_status_t shim_fail(shim_t *shim, const char *step, efi_status_t status, const char *reason) {
    log_begin("error");
    log_word("step", step);
    log_hex("status", status);
    log_word("reason", reason != NULL ? reason : shim_status_name(status));
    log_end();
    console_error(shim);
    return status;
}

void shim_stamp(shim_t *shim, hw_stage_t stage) {
    hw_config_t *hw = shim->hw;
    if (hw->stamp_count < HW_MAX_STAMPS) {
        hw->stamps[hw->stamp_count++] = (hw_stamp_t) {.stage = stage, .cntvct = arch_counter()};
    }
}

uint64_t shim_pages(shim_t *shim, efi_memory_t type, uint64_t size, uint64_t align) {
    uint64_t phys = 0;
    uint64_t slack = align - SHIM_PAGE;
    size_t pages = (size_t)((size + slack + SHIM_PAGE - 1) / SHIM_PAGE);
    if (shim->bs->allocate_pages(EFI_ALLOCATE_ANY, type, pages, &phys) != EFI_SUCCESS) {
        return 0;
    }
    return (phys + align - 1) & ~(align - 1);
}

void shim_keep(shim_t *shim, uint64_t base, uint64_t size, hw_mem_kind_t kind, uint32_t type) {
    if (shim->keep_count < SHIM_KEEP_MAX) {
        size = (size + SHIM_PAGE - 1) & ~(SHIM_PAGE - 1);
        shim->keep[shim->keep_count++] =
            (hw_mem_t) {.base = base, .size = size, .kind = kind, .type = type};
    }
}

static const void *map_ram(void *ctx, uint64_t phys, uint64_t len) {
    const shim_t *shim = ctx;
    return memmap_is_ram(shim->hw, phys, len) ? (const void *)(uintptr_t)phys : NULL;
}

// Name and revision of the UEFI firmware.
static void firmware_name(shim_t *shim) {
    char *out = shim->hw->firmware;
    const efi_char_t *vendor = shim->st->firmware_vendor;
    size_t n = 0;
    while (vendor != NULL && vendor[n] != 0 && n < HW_NAME_LEN - 12) {
        out[n] = vendor[n] >= 0x20 && vendor[n] < 0x7f ? (char)vendor[n] : '?';
        n++;
    }
    out[n++] = ' ';
    for (int shift = 28; shift >= 0; shift -= 4) {
        out[n++] = "0123456789abcdef"[(shim->st->firmware_revision >> shift) & 15];
    }
    out[n] = '\0';
}

// The hand-off structure and the log, in memory that outlives the boot services.
static efi_status_t begin(shim_t *shim, uint64_t entered) {
    uint64_t hw = shim_pages(shim, EFI_LOADER_DATA, sizeof(hw_config_t), SHIM_PAGE);
    uint64_t text = shim_pages(shim, EFI_LOADER_DATA, LOG_SIZE, SHIM_PAGE);
    if (hw == 0 || text == 0) {
        console_banner(shim->st, "[shim] error step=begin reason=out-of-resources\n");
        return EFI_OUT_OF_RESOURCES;
    }
    shim->hw = (hw_config_t *)(uintptr_t)hw;
    shim->bs->set_mem(shim->hw, sizeof(hw_config_t), 0);
    log_init((char *)(uintptr_t)text, LOG_SIZE);
    shim_keep(shim, hw, sizeof(hw_config_t), HW_MEM_BOOT, EFI_LOADER_DATA);
    shim_keep(shim, text, LOG_SIZE, HW_MEM_BOOT, EFI_LOADER_DATA);

    shim->hw->magic = HW_MAGIC;
    shim->hw->version = HW_VERSION;
    shim->hw->size = sizeof(hw_config_t);
    shim->hw->flags = HW_F_UEFI;
    shim->hw->boot_el = arch_el();
    shim->hw->efi_system_table = (uintptr_t)shim->st;
    shim->hw->log_phys = text;
    shim->hw->stamps[0] = (hw_stamp_t) {.stage = HW_STAGE_SHIM_ENTRY, .cntvct = entered};
    shim->hw->stamp_count = 1;
    firmware_name(shim);
    LOG("start", log_dec("version", HW_VERSION), log_dec("el", shim->hw->boot_el),
        log_dec("pa_bits", arch_pa_bits()), log_text("firmware", shim->hw->firmware, HW_NAME_LEN),
        log_hex("base", (uintptr_t)shim->loaded->image_base));
    return EFI_SUCCESS;
}

// After ExitBootServices: seal the structure, make everything visible without caches, go.
static _Noreturn void jump(shim_t *shim) {
    hw_config_t *hw = shim->hw;
    uint64_t entry = hw->image_phys + (shim->image.entry - KERNEL_BASE);
    LOG("jump", log_hex("entry", entry), log_hex("hw_config", (uintptr_t)hw),
        log_dec("lost", log_lost()));
    hw->log_len = (uint32_t)log_len();
    shim_stamp(shim, HW_STAGE_JUMP);
    hw->crc = hw_config_crc(hw);
    for (size_t i = 0; i < shim->keep_count; i++) {
        // A frame buffer is cleaned where it was mapped cacheable: it becomes non-cacheable, and a dirty line written
        // back later would undo what was drawn (Arm ARM B2.7.1, mismatched attributes).
        if (shim->keep[i].kind != HW_MEM_FB || arch_is_cached(shim->keep[i].base)) {
            arch_clean(shim->keep[i].base, shim->keep[i].size);
        }
    }
    arch_clean((uintptr_t)shim->loaded->image_base, shim->loaded->image_size); // this very code
    arch_sync();
    arch_jump(entry, (uintptr_t)hw);
}

static _Noreturn void give_up(shim_t *shim) {
    if (shim->hw->psci == HW_PSCI_HVC) {
        arch_psci_reset_hvc();
    } else if (shim->hw->psci == HW_PSCI_SMC) {
        arch_psci_reset_smc();
    }
    arch_halt();
}

static efi_status_t boot(shim_t *shim) {
    efi_status_t status = shim_get_map(shim);
    if (status == EFI_SUCCESS) {
        shim_tables(shim);
        shim_time(shim);
        shim_rng(shim);
        shim_gop(shim);
        shim_stamp(shim, HW_STAGE_GOP);
        status = shim_load(shim);
    }
    if (status == EFI_SUCCESS) {
        status = shim_get_map(shim);
    }
    if (status == EFI_SUCCESS) {
        status = shim_pool(shim);
    }
    if (status == EFI_SUCCESS) {
        status = shim_exit(shim);
    }
    return status;
}

efi_status_t efi_main(efi_handle_t handle, efi_system_table_t *st);

efi_status_t efi_main(efi_handle_t handle, efi_system_table_t *st) {
    static shim_t shim;
    uint64_t entered = arch_counter();
    console_banner(st, "Pyrallax\n");
    shim.handle = handle;
    shim.st = st;
    shim.bs = st->bs;
    shim.mem = (physmem_t) {map_ram, &shim};
    efi_status_t status = st->bs->handle_protocol(handle, &loaded_guid, &shim.loaded);
    if (status != EFI_SUCCESS) {
        console_banner(st, "[shim] error step=loaded-image reason=no-protocol\n");
        return status;
    }
    status = begin(&shim, entered);
    if (status == EFI_SUCCESS) {
        status = boot(&shim);
        if (status == EFI_SUCCESS) {
            jump(&shim);
        }
        if (shim.left) {
            give_up(&shim);
        }
    }
    st->bs->stall(READ_US);
    return status;
}
