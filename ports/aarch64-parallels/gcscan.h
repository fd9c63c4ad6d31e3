// SPDX-License-Identifier: MIT
// The search for free blocks in gc_alloc() of py/gc.c, 32 blocks at a time instead of 4.
//
// py/gc.c offers one hook, in all of its loops.  Only the loop of gc_alloc() has a local n_free: elsewhere the names
// below stand in, and the hook compiles to nothing.

#ifndef PYRALLAX_GCSCAN_H
#define PYRALLAX_GCSCAN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

__attribute__((unused)) static const char n_free = 0;
__attribute__((unused)) static const size_t n_blocks = 0;
__attribute__((unused)) static const struct {
    uint8_t *gc_alloc_table_start;
    size_t gc_alloc_table_byte_len;
} *const area = NULL;

#define GCSCAN_PAIRS 0x5555555555555555u

// Index of the byte of the allocation table to go on with, below len, where no run of `need` free blocks ends before.
// *run: free blocks just before it.  Two bits a block, 0 is free.
static inline size_t gcscan(const uint8_t *table, size_t len, size_t i, size_t *run, size_t need) {
    // Not at every byte: what is near is found sooner without.  One byte at least is left for the caller's loop.
    while (i % 8 == 0 && len - i > 8) {
        uint64_t w;
        memcpy(&w, table + i, sizeof(w));
        uint64_t taken = (w | w >> 1) & GCSCAN_PAIRS;
        if (taken == 0) {
            if (*run + 32 >= need) {
                break;
            }
            *run += 32;
        } else {
            uint64_t starts = taken ^ GCSCAN_PAIRS; // of runs that are as long as `have`
            if (*run + ((size_t)__builtin_ctzll(taken) >> 1) >= need) {
                break;
            }
            for (size_t have = 1; have < need && starts != 0;) {
                size_t more = have < need - have ? have : need - have;
                starts &= starts >> 2 * more;
                have += more;
            }
            if (starts != 0) {
                size_t bytes = (size_t)__builtin_ctzll(starts) >> 3;
                *run = bytes != 0 ? 0 : *run;
                return i + bytes;
            }
            *run = (size_t)__builtin_clzll(taken) >> 1;
        }
        i += 8;
    }
    return i;
}

#define GCSCAN_block
#define GCSCAN_i                                                                                   \
    do {                                                                                           \
        if (sizeof(n_free) == sizeof(size_t)) {                                                    \
            i = gcscan(area->gc_alloc_table_start, area->gc_alloc_table_byte_len, i,               \
                       (size_t *)&n_free, n_blocks);                                               \
        }                                                                                          \
    } while (0)
#define MICROPY_GC_HOOK_LOOP(at) GCSCAN_##at

#endif
