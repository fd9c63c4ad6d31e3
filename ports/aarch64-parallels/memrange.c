// SPDX-License-Identifier: MIT
// What stands behind a range of addresses that a user typed: the hand-off's memory map and the allocator know.

#include "memrange.h"

#include "hw.h"
#include "mem.h"
#include "memlayout.h"
#include "mmu.h"

// Bytes that [a, a + a_size) and [b, b + b_size) share; neither wraps.
static uint64_t shared(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size) {
    uint64_t from = a > b ? a : b;
    uint64_t to = a + a_size < b + b_size ? a + a_size : b + b_size;
    return from < to ? to - from : 0;
}

static bool in_image(uint64_t addr, uint64_t size) {
    return addr >= KERNEL_BASE && addr - KERNEL_BASE + size <= hw.image_size;
}

static uint64_t bytes_of(uint64_t addr, uint64_t size, bool with_fb) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < hw.mem_count; i++) {
        const hw_mem_t *m = &hw.mem[i];
        bool counts =
            m->kind == HW_MEM_FB ? with_fb : m->kind != HW_MEM_MMIO && m->kind != HW_MEM_IMAGE;
        n += counts ? shared(addr, size, m->base, m->size) : 0;
    }
    return n;
}

bool memrange_is_ram(uint64_t addr, uint64_t size) {
    return addr + size >= addr && bytes_of(addr, size, false) == size;
}

uint64_t memrange_fixed(uint64_t va, uint64_t size) {
    if (va >= KERNEL_BASE) {
        return in_image(va, size) ? mmu_phys((const void *)va) : ~0ull;
    }
    for (uint32_t i = 0; i < hw.mem_count; i++) {
        const hw_mem_t *m = &hw.mem[i];
        if (m->kind == HW_MEM_FREE && va >= m->base && va + size <= m->base + m->size) {
            return va;
        }
    }
    return ~0ull;
}

bool memrange_is_normal(uint64_t addr, uint64_t size) {
    return addr + size >= addr && (in_image(addr, size) || bytes_of(addr, size, true) == size);
}

bool memrange_may_write(uint64_t addr, uint64_t size) {
    if (addr + size < addr || addr + size > KERNEL_BASE) {
        return false;
    }
    uint64_t taken = 0, loose = mem_free_within(addr, size);
    for (uint32_t i = 0; i < hw.mem_count; i++) {
        const hw_mem_t *m = &hw.mem[i];
        if (m->kind != HW_MEM_MMIO && m->kind != HW_MEM_FB) {
            taken += shared(addr, size, m->base, m->size);
        }
    }
    loose += shared(addr, size, (uint64_t)mem_dma, mem_dma_size);
    return taken == loose;
}
