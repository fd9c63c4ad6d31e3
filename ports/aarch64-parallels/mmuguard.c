// SPDX-License-Identifier: MIT
// What Python may not map over: whatever the firmware needs to go on.

#include "boot/ptdesc.h"
#include "hw.h"
#include "memlayout.h"
#include "mmu.h"
#include "mmutables.h"
#include "py/mperrno.h"
#include "smp.h"

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size) {
    return b_size != 0 && a < b + b_size && b < a + a_size;
}

static bool in_kind(uint64_t pa, uint64_t size, unsigned kinds) {
    for (uint32_t i = 0; i < hw.mem_count; i++) {
        if ((kinds >> hw.mem[i].kind & 1) != 0 &&
            overlap(pa, size, hw.mem[i].base, hw.mem[i].size)) {
            return true;
        }
    }
    return false;
}

static bool in_gic(uint64_t pa, uint64_t size) {
    bool hit = hw.gicd != 0 && overlap(pa, size, hw.gicd, 0x10000);
    hit = hit || (hw.gicc != 0 && overlap(pa, size, hw.gicc, 0x2000));
    for (uint32_t i = 0; i < hw.gicr_count; i++) {
        hit = hit || overlap(pa, size, hw.gicr[i].base, hw.gicr[i].size);
    }
    for (uint32_t i = 0; i < hw.its_count; i++) {
        hit = hit || overlap(pa, size, hw.its[i], 0x20000);
    }
    for (uint32_t i = 0; i < hw.v2m_count; i++) {
        hit = hit || overlap(pa, size, hw.v2m[i].base, 0x1000);
    }
    return hit;
}

static int guard_identity(uint64_t va, uint64_t size, const char **why) {
    if (va < PAGE_SIZE) {
        *why = "page 0 stays unmapped";
        return -MP_EPERM;
    }
    if (in_kind(va, size, 1u << HW_MEM_FREE | 1u << HW_MEM_IMAGE | 1u << HW_MEM_BOOT)) {
        *why = "memory of the firmware or of Python";
        return -MP_EBUSY;
    }
    if (hw.uart_base != 0 && overlap(va, size, hw.uart_base, PAGE_SIZE)) {
        *why = "the console's UART";
        return -MP_EBUSY;
    }
    if (in_gic(va, size)) {
        *why = "the interrupt controller";
        return -MP_EBUSY;
    }
    // Breaking a block takes all that it maps away for some instructions.
    if (smp_busy()) {
        *why = "another CPU works";
        return -MP_EBUSY;
    }
    // Spaces hold copies of the level 0 entries, so none may come up later.
    for (unsigned i = 0; i < IDENTITY_ROOTS; i++) {
        uint64_t half = PT_LEVEL_SIZE(0);
        if (!(mmu_kernel_root()[i] & DESC_VALID) && overlap(va, size, i * half, half)) {
            *why = "above the CPU's physical address space";
            return -MP_EPERM;
        }
    }
    return 0;
}

int mmu_guard_alias(uint64_t pa, uint64_t size, const char **why) {
    *why = "a writable alias of the firmware or of translation tables";
    bool kept = in_kind(pa, size, 1u << HW_MEM_IMAGE | 1u << HW_MEM_BOOT) || mmutables_in(pa, size);
    return kept ? -MP_EPERM : 0;
}

int mmu_guard(uint64_t va, uint64_t size, uint64_t pa, bool writable, const char **why) {
    uint64_t last = va + (size - 1);
    *why = "address and size must be multiples of 4096, in one half";
    if (size == 0 || last < va || ((va | size) & (PAGE_SIZE - 1)) != 0 ||
        (va >> VA_BITS != 0 && va < MMU_HIGH) || (va >> VA_BITS) != (last >> VA_BITS)) {
        return -MP_EINVAL;
    }
    if (va < MMU_SPACES) {
        if (last >= MMU_SPACES) {
            *why = "part of it is in the identity map";
            return -MP_EINVAL;
        }
        int r = guard_identity(va, size, why);
        if (r != 0) {
            return r;
        }
    } else if (last >= KERNEL_BASE) {
        *why = "the firmware's image and what belongs to it";
        return -MP_EBUSY;
    }
    if (pa == ~0ull) {
        return 0;
    }
    // PARange and IPS of the same number (boot/pagetables.c).
    static const uint8_t bits[8] = {32, 36, 40, 42, 44, 48, 48, 48};
    *why = "physical address: a multiple of 4096 that the CPU can address";
    uint64_t end = 1ull << bits[hw.tcr >> 32 & 7];
    if ((pa & (PAGE_SIZE - 1)) != 0 || pa >= end || size > end - pa) {
        return -MP_EINVAL;
    }
    return writable ? mmu_guard_alias(pa, size, why) : 0;
}
