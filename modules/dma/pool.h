// SPDX-License-Identifier: MIT
// The pool itself: pieces of it between guards.

#ifndef PYRALLAX_DMA_POOL_H
#define PYRALLAX_DMA_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "py/obj.h"

#define DMA_UNIT 64 // one cache line: the smallest piece
// Around each buffer: a unit before it, and from its last byte to the end of the unit behind it.
#define DMA_GUARDS 2

// Allocated, with its guards, in units of the pool.
typedef struct {
    uint32_t start, len;
    uint32_t size; // of the buffer, bytes
    uint32_t name; // a qstr
} dma_piece_t;

// size bytes, align a power of two from DMA_UNIT on; NULL: no room.  Interrupts masked: hard handlers free, too.
uint8_t *dma_take(size_t size, size_t align, qstr name);
void dma_give_back(const uint8_t *p); // interrupts masked

typedef struct {
    const dma_piece_t *pieces; // ascending
    uint32_t count, peak;
    uint32_t broken_freed; // found by dma_give_back() since the last soft reset
    size_t table;          // bytes of the pool that are for this
} dma_pool_t;

dma_pool_t dma_pool(void);
uint8_t *dma_piece_data(const dma_piece_t *piece);
// Offset from the buffer's start of the first byte of the guards that was overwritten, in *at.
bool dma_broken_guard(const dma_piece_t *piece, int64_t *at);

#endif
