// SPDX-License-Identifier: MIT
// The translation tables in use.

#include "mmu.h"

#include "boot/pagetables.h"
#include "hw.h"
#include "io.h"
#include "memlayout.h"

void mmu_init(void) {
    pt_t pt = {.root = {(uint64_t *)hw.ttbr0, (uint64_t *)hw.ttbr1}};
    // The entry page is a level 3 page of its own (its neighbours are not mapped): no split, no pool.
    pt_unmap(&pt, hw.image_phys, PAGE_SIZE);
    dsb_ishst(); // the table write before the invalidation
    __asm__ volatile("tlbi vmalle1is" ::: "memory");
    dsb_ish(); // the invalidation is done before anything after it
    isb();
}

uint64_t mmu_phys(const void *p) {
    uint64_t va = (uint64_t)p;
    return va >= KERNEL_BASE ? hw.image_phys + (va - KERNEL_BASE) : va;
}
