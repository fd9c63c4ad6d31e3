// SPDX-License-Identifier: MIT
// Search in a buffer.  Also compiles on the host.

#ifndef PYRALLAX_RAWMEM_MATCH_H
#define PYRALLAX_RAWMEM_MATCH_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    const uint8_t *bytes;
    const uint8_t *mask; // bits that count, per byte; NULL: all
    size_t len;          // from 1
    uint64_t align;      // of the address of a hit, from 1
} match_t;

// Index of the first hit in hay, or n.  addr is the address that hay[0] stands for.
size_t match_find(const match_t *m, const uint8_t *hay, size_t n, uint64_t addr);

#endif
