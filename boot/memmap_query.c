// SPDX-License-Identifier: MIT
// Questions to a finished hw_config.mem.

#include "log.h"
#include "memmap.h"

static bool is_ram(uint32_t kind) {
    return kind != HW_MEM_MMIO && kind != HW_MEM_FB;
}

bool memmap_is_ram(const hw_config_t *hw, uint64_t base, uint64_t size) {
    uint64_t end = base + size;
    if (size == 0 || end < base) {
        return false;
    }
    for (uint32_t i = 0; i < hw->mem_count && base < end; i++) {
        const hw_mem_t *m = &hw->mem[i];
        if (is_ram(m->kind) && m->base <= base && base - m->base < m->size) {
            base = m->base + m->size;
        }
    }
    return base >= end;
}

bool memmap_touches_ram(const hw_config_t *hw, uint64_t base, uint64_t size) {
    for (uint32_t i = 0; i < hw->mem_count; i++) {
        const hw_mem_t *m = &hw->mem[i];
        bool below = base < m->base && m->base - base >= size;
        bool above = base >= m->base && base - m->base >= m->size;
        if (is_ram(m->kind) && !below && !above) {
            return true;
        }
    }
    return false;
}

uint64_t memmap_total(const hw_config_t *hw, uint32_t kind) {
    uint64_t total = 0;
    for (uint32_t i = 0; i < hw->mem_count; i++) {
        if (hw->mem[i].kind == kind) {
            total += hw->mem[i].size;
        }
    }
    return total;
}

void memmap_log(const hw_config_t *hw) {
    static const char *const names[] = {
        "hole", "free", "image", "boot", "firmware", "acpi", "reserved", "fb", "mmio",
    };
    for (uint32_t i = 0; i < hw->mem_count; i++) {
        const hw_mem_t *m = &hw->mem[i];
        LOG("mem", log_hex("base", m->base), log_hex("size", m->size),
            log_word("kind", m->kind < sizeof(names) / sizeof(names[0]) ? names[m->kind] : "?"),
            log_dec("type", m->type));
    }
    LOG("mem-total", log_dec("entries", hw->mem_count),
        log_dec("free", memmap_total(hw, HW_MEM_FREE)),
        log_dec("reserved", memmap_total(hw, HW_MEM_RESERVED)),
        log_dec("firmware", memmap_total(hw, HW_MEM_FIRMWARE)));
}
