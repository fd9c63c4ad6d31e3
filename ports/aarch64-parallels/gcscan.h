// SPDX-License-Identifier: MIT
// The search for free blocks in gc_alloc() of py/gc.c, 32 blocks at a time instead of 4.
//
// py/gc.c offers one hook, in all of its loops.  Only the loop of gc_alloc() has a local n_free: elsewhere the names
// below stand in, and the hook compiles to nothing.

#ifndef PYRALLAX_GCSCAN_H
#define PYRALLAX_GCSCAN_H

#include <stddef.h>
#include <stdint.h>

__attribute__((unused)) static const char n_free = 0;
__attribute__((unused)) static const size_t n_blocks = 0;
__attribute__((unused)) static const struct {
    uint8_t *gc_alloc_table_start;
    size_t gc_alloc_table_byte_len;
    size_t gc_last_free_atb_index;
} *const area = NULL;

typedef uint64_t __attribute__((may_alias)) gcscan_word_t;

#define GCSCAN_PAIRS 0x5555555555555555u

// Index of the byte of the allocation table to go on with, below len, where no run of `need` free blocks ends before.
// *run: free blocks just before it.  Two bits a block, 0 is free.
static inline size_t gcscan(const uint8_t *table, size_t len, size_t i, size_t *run, size_t need) {
    // Not at every byte: what is near is found sooner without.  One byte at least is left for the caller's loop.
    while ((uintptr_t)(table + i) % 8 == 0 && len - i > 8) {
        uint64_t w = *(const gcscan_word_t *)(table + i); // memcpy() would be a call
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

// Where searches for more than one block go on: gc_alloc() itself remembers that for one block only, and begins the
// others behind the lowest free block each time, which takes as long as there is live data.  By size, as a power of two.
typedef struct {
    const void *area;
    size_t low; // where the search began that left this
    size_t at;  // nothing that fits before
    unsigned uses;
    unsigned collections; // when it was left
} gcscan_hint_t;

extern unsigned gcscan_collections; // so far (main.c): each frees blocks anywhere

#define GCSCAN_HINTS 16
#define GCSCAN_USES 64 // then from the lowest again: blocks before may have been freed

static inline gcscan_hint_t *gcscan_hint(gcscan_hint_t *hints, size_t need) {
    int size = 63 - __builtin_clzll(need);
    return &hints[size < GCSCAN_HINTS ? size : GCSCAN_HINTS - 1];
}

// Where a search begins that gc_alloc() would begin at low.  When low has gone down, something before was freed.
static inline size_t gcscan_begin(gcscan_hint_t *hint, const void *area, size_t len, size_t low) {
    if (hint->area == area && hint->low <= low && hint->at < len && hint->uses > 0 &&
        hint->collections == gcscan_collections) {
        hint->uses--;
        hint->low = low;
        return hint->at > low ? hint->at : low;
    }
    hint->area = area;
    hint->low = hint->at = low;
    hint->uses = GCSCAN_USES;
    hint->collections = gcscan_collections;
    return low;
}

// gcscan() from a hint.  low: where gc_alloc() begins in this area.
static inline size_t gcscan_from(gcscan_hint_t *hints, const void *area, const uint8_t *table,
                                 size_t len, size_t low, size_t i, size_t *run, size_t need) {
    if (need == 1) {
        return gcscan(table, len, i, run, 1);
    }
    gcscan_hint_t *hint = gcscan_hint(hints, need);
    if (i == low) {
        i = gcscan_begin(hint, area, len, low);
    }
    size_t at = gcscan(table, len, i, run, need);
    if (at != i) {
        hint->at = at - (*run + 3) / 4;
    }
    return at;
}

#define GCSCAN_block
#define GCSCAN_i                                                                                   \
    do {                                                                                           \
        if (sizeof(n_free) == sizeof(size_t)) {                                                    \
            static gcscan_hint_t hints[GCSCAN_HINTS];                                              \
            i = gcscan_from(hints, area, area->gc_alloc_table_start,                               \
                            area->gc_alloc_table_byte_len, area->gc_last_free_atb_index, i,        \
                            (size_t *)&n_free, n_blocks);                                          \
        }                                                                                          \
    } while (0)
#define MICROPY_GC_HOOK_LOOP(at) GCSCAN_##at

#endif
