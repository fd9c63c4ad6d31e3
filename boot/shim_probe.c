// SPDX-License-Identifier: MIT
// What only a UEFI protocol tells: display modes, wall clock, entropy.  All optional: a machine without boots.

#include "arch.h"
#include "log.h"
#include "shim.h"

#define FB_MAX_SIZE (1ull << 30)
#define DIRECT_MAP_END (1ull << 40) // memlayout.h
#define GOP_MODES_ASKED 128         // QueryMode calls at most, whatever MaxMode says

static const efi_guid_t gop_guid = {
    0x9042a9de, 0x23dc, 0x4a38, {0x96, 0xfb, 0x7a, 0xde, 0xd0, 0x80, 0x51, 0x6a}};
static const efi_guid_t rng_guid = {
    0x3152bca5, 0xeade, 0x433d, {0x86, 0x2e, 0xc0, 0x1c, 0xdc, 0x29, 0x1f, 0x44}};

static hw_gop_mode_t mode_of(const efi_gop_info_t *info) {
    static const uint8_t formats[] = {HW_FB_XBGR8888, HW_FB_XRGB8888, HW_FB_OTHER, HW_FB_BLT_ONLY};
    return (hw_gop_mode_t) {
        .width = info->width,
        .height = info->height,
        .stride = info->stride,
        .format = info->format < sizeof(formats) ? formats[info->format] : HW_FB_OTHER,
    };
}

static const char *format_name(uint32_t format) {
    static const char *const names[] = {"none", "xrgb8888", "xbgr8888", "other", "blt"};
    return names[format];
}

static void log_modes(hw_config_t *hw, efi_gop_t *gop) {
    hw->gop_mode_count = gop->mode->max_mode;
    for (uint32_t i = 0; i < gop->mode->max_mode && i < GOP_MODES_ASKED; i++) {
        size_t size = 0;
        efi_gop_info_t *info = NULL;
        efi_status_t status = gop->query_mode(gop, i, &size, &info);
        if (status != EFI_SUCCESS || info == NULL) {
            LOG("gop-mode", log_dec("mode", i), log_word("refused", shim_status_name(status)));
            continue;
        }
        // The firmware's copy is not freed: it goes with the boot services.
        hw_gop_mode_t m = mode_of(info);
        LOG("gop-mode", log_dec("mode", i), log_dec("width", m.width), log_dec("height", m.height),
            log_dec("stride", m.stride), log_word("format", format_name(m.format)));
        if (hw->gop_mode_listed < HW_MAX_GOP_MODES) {
            hw->gop_modes[hw->gop_mode_listed++] = m;
        }
    }
}

void shim_gop(shim_t *shim) {
    hw_config_t *hw = shim->hw;
    efi_gop_t *gop = NULL;
    efi_status_t status = shim->bs->locate_protocol(&gop_guid, NULL, &gop);
    if (status != EFI_SUCCESS || gop == NULL || gop->mode == NULL || gop->mode->info == NULL) {
        LOG("gop-absent", log_word("status", shim_status_name(status)));
        return;
    }
    log_modes(hw, gop);
    hw->fb_mode = mode_of(gop->mode->info);
    uint64_t base = gop->mode->fb_base;
    uint64_t size = gop->mode->fb_size;
    uint64_t drawn = (uint64_t)hw->fb_mode.stride * hw->fb_mode.height * 4;
    const char *reason = NULL;
    if (hw->fb_mode.format == HW_FB_BLT_ONLY) {
        base = 0;
        size = 0;
    } else if (base == 0 || base % 4 != 0 || base >= DIRECT_MAP_END - FB_MAX_SIZE) {
        reason = "bad-address";
    } else if (drawn == 0 || hw->fb_mode.stride < hw->fb_mode.width || drawn > size ||
               size > FB_MAX_SIZE) {
        reason = "bad-size";
    }
    if (reason != NULL) {
        LOG("gop-refused", log_hex("base", base), log_hex("size", size),
            log_word("reason", reason));
        hw->fb_mode.format = HW_FB_BLT_ONLY;
        base = 0;
        size = 0;
    }
    hw->fb_base = base;
    hw->fb_size = size;
    LOG("fb", log_hex("base", base), log_hex("size", size), log_dec("width", hw->fb_mode.width),
        log_dec("height", hw->fb_mode.height), log_dec("stride", hw->fb_mode.stride),
        log_word("format", format_name(hw->fb_mode.format)), log_dec("modes", hw->gop_mode_count));
    if (size != 0) {
        uint64_t first = base & ~(SHIM_PAGE - 1);
        uint64_t end = (base + size + SHIM_PAGE - 1) & ~(SHIM_PAGE - 1);
        shim_keep(shim, first, end - first, HW_MEM_FB, 0);
    }
}

void shim_time(shim_t *shim) {
    efi_time_t t = {0};
    efi_status_t status = shim->st->rt->get_time(&t, NULL);
    uint64_t now = arch_counter();
    if (status != EFI_SUCCESS) {
        LOG("time-absent", log_word("status", shim_status_name(status)));
        return;
    }
    shim->hw->epoch_s = efitime_epoch_s(&t);
    shim->hw->epoch_cntvct = now;
    LOG("time", log_dec("epoch_s", shim->hw->epoch_s), log_dec("cntvct", now),
        log_dec("cntfrq", SYSREG(cntfrq_el0)));
}

void shim_rng(shim_t *shim) {
    efi_rng_t *rng = NULL;
    efi_status_t status = shim->bs->locate_protocol(&rng_guid, NULL, &rng);
    if (status == EFI_SUCCESS) {
        status = rng->get_rng(rng, NULL, sizeof(shim->hw->rng_seed), shim->hw->rng_seed);
    }
    if (status == EFI_SUCCESS) {
        shim->hw->rng_len = sizeof(shim->hw->rng_seed);
        LOG("rng", log_dec("len", shim->hw->rng_len));
    } else {
        LOG("rng-absent", log_word("status", shim_status_name(status)));
    }
}
