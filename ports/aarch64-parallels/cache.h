// SPDX-License-Identifier: MIT
// Data cache maintenance by address, to the point of coherency.

#ifndef PYRALLAX_CACHE_H
#define PYRALLAX_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "io.h"

// Clean and invalidate: what was written is in memory, and the next read comes from there.
static inline void cache_flush(const void *p, size_t n) {
    uint64_t line = 4ull << (sysreg_read(ctr_el0) >> 16 & 15); // DminLine
    uint64_t end = (uint64_t)p + n;
    for (uint64_t a = (uint64_t)p & ~(line - 1); a < end; a += line) {
        __asm__ volatile("dc civac, %0" : : "r"(a) : "memory");
    }
    dsb_sy(); // the lines are out before whoever reads memory itself is told
}

#endif
