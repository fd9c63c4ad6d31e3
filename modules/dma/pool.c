// SPDX-License-Identifier: MIT
// The DMA pool: what is taken of it, in a table that is the pool's own beginning, and guards around each piece.

#include "pool.h"

#include <string.h>

#include "dma.h"
#include "io.h"
#include "klog.h"
#include "mem.h"
#include "mmu.h"
#include "softreset.h"

#define BUFFERS_MAX 4096
#define GUARD_SEED 0x9e3779b97f4a7c15ull
#define TABLE_UNITS (BUFFERS_MAX * sizeof(dma_piece_t) / DMA_UNIT)

static dma_piece_t *pieces; // set by the first dma_take()
static uint32_t piece_count;
static uint32_t peak;
static uint32_t broken_freed; // found by free() since the last soft reset

static bool keep;

void dma_keep(void) {
    keep = true;
}

// Drivers stopped their devices before this runs.
static void dma_reset(void) {
    keep |= !dma_stop_devices();
    broken_freed = 0;
    piece_count = keep ? piece_count : 0;
    for (uint32_t i = 0; i < piece_count; i++) {
        pieces[i].name = MP_QSTR_; // the strings are gone
    }
    keep = false;
}
SOFTRESET(dma_reset);

// The byte that belongs at p: no two neighbours alike, none of them what memory is cleared to.
static uint8_t canary(const uint8_t *p) {
    return (uint8_t)((uintptr_t)p * GUARD_SEED >> 56) | 1;
}

uint8_t *dma_piece_data(const dma_piece_t *piece) {
    return mem_dma + ((size_t)piece->start + 1) * DMA_UNIT;
}

static uint8_t *end_of(const dma_piece_t *piece) {
    return mem_dma + ((size_t)piece->start + piece->len) * DMA_UNIT;
}

static void guard(const dma_piece_t *piece) {
    for (uint8_t *p = dma_piece_data(piece) - DMA_UNIT; p < dma_piece_data(piece); p++) {
        *p = canary(p);
    }
    for (uint8_t *p = dma_piece_data(piece) + piece->size; p < end_of(piece); p++) {
        *p = canary(p);
    }
}

bool dma_broken_guard(const dma_piece_t *piece, int64_t *at) {
    const uint8_t *data = dma_piece_data(piece);
    for (const uint8_t *p = data - DMA_UNIT; p < end_of(piece); p++) {
        if (p == data) {
            p += piece->size;
        }
        if (*p != canary(p)) {
            *at = p - data;
            return true;
        }
    }
    return false;
}

uint8_t *dma_take(size_t size, size_t align, qstr name) {
    uint64_t need = (size + DMA_UNIT - 1) / DMA_UNIT, step = align / DMA_UNIT, at = TABLE_UNITS;
    uint64_t base = (uintptr_t)mem_dma / DMA_UNIT; // alignment counts from address 0
    pieces = (dma_piece_t *)mem_dma;
    uint32_t i = 0;
    for (;; i++) {
        at = (base + at + 1 + step - 1) / step * step - base; // behind a guard
        uint64_t end = i < piece_count ? pieces[i].start : mem_dma_size / DMA_UNIT;
        if (at + need + 1 <= end) {
            break;
        }
        if (i == piece_count) {
            return NULL;
        }
        at = (uint64_t)pieces[i].start + pieces[i].len;
    }
    if (piece_count == BUFFERS_MAX) {
        return NULL;
    }
    memmove(&pieces[i + 1], &pieces[i], (piece_count - i) * sizeof(pieces[0]));
    pieces[i] = (dma_piece_t) {(uint32_t)at - 1, (uint32_t)need + DMA_GUARDS, (uint32_t)size,
                               (uint32_t)name};
    guard(&pieces[i]);
    piece_count++;
    peak = piece_count > peak ? piece_count : peak;
    return mem_dma + at * DMA_UNIT;
}

void dma_give_back(const uint8_t *p) {
    uint32_t start = (uint32_t)((size_t)(p - mem_dma) / DMA_UNIT) - 1;
    for (uint32_t i = 0; i < piece_count; i++) {
        if (pieces[i].start == start) {
            int64_t at;
            if (dma_broken_guard(&pieces[i], &at)) {
                broken_freed++;
                klog(KLOG_WARN, "dma: buffer %s of %u bytes at 0x%lx: guard broken at %d",
                     qstr_str(pieces[i].name), (unsigned)pieces[i].size, (unsigned long)mmu_phys(p),
                     (int)at);
            }
            piece_count--;
            memmove(&pieces[i], &pieces[i + 1], (piece_count - i) * sizeof(pieces[0]));
            return;
        }
    }
}

dma_pool_t dma_pool(void) {
    return (dma_pool_t) {pieces, piece_count, peak, broken_freed, TABLE_UNITS * DMA_UNIT};
}
