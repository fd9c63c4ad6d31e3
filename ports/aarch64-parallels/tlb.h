// SPDX-License-Identifier: MIT
// TLB maintenance, for all CPUs (Inner Shareable).  Each is the whole sequence of Arm ARM D8.14: the store to the
// table is seen by every walker, then the invalidation, then its completion everywhere, then no instruction of
// this CPU goes on with what was fetched before.

#ifndef PYRALLAX_TLB_H
#define PYRALLAX_TLB_H

#include "io.h"

#define TLB_VA(va) ((va) >> 12 & ((1ull << 44) - 1)) // TTL in bits 47:44 stays 0: any level
#define TLB_ASID(asid) ((uint64_t)(asid) << 48)

#define TLB_FLUSH(...)                                                                             \
    dsb_ishst();                                                                                   \
    __asm__ volatile("tlbi " __VA_ARGS__ : "memory");                                              \
    dsb_ish();                                                                                     \
    isb()

// What translates va, in every address space.  One call serves a block, too.
static inline void tlb_flush_va(uint64_t va) {
    TLB_FLUSH("vaae1is, %0" : : "r"(TLB_VA(va)));
}

// Same in one address space, and where va is global.
static inline void tlb_flush_va_asid(uint64_t va, unsigned asid) {
    TLB_FLUSH("vae1is, %0" : : "r"(TLB_VA(va) | TLB_ASID(asid)));
}

// All that is not global in one address space.
static inline void tlb_flush_asid(unsigned asid) {
    TLB_FLUSH("aside1is, %0" : : "r"(TLB_ASID(asid)));
}

static inline void tlb_flush_all(void) {
    TLB_FLUSH("vmalle1is" : :);
}

#endif
