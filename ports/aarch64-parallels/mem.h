// SPDX-License-Identifier: MIT
// Physical memory: who gets which part of the free RAM that hw.mem lists.

#ifndef PYRALLAX_MEM_H
#define PYRALLAX_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t ram;  // all RAM, free or not, bytes
    uint64_t free; // not given to anybody
    uint64_t heap; // Python heap now
    uint64_t heap_limit;
    uint64_t dma;        // DMA pool
    uint64_t disk;       // RAM disk
    uint64_t postmortem; // for the prompt after a panic
} mem_stats_t;

// postmortem: bytes to set aside for the prompt after a panic, when there is plenty.
void mem_init(size_t postmortem);
void mem_stats(mem_stats_t *s);
// Pages from free RAM, page aligned, not cleared; NULL when there are none.  size is rounded up to pages.
void *mem_alloc(size_t size);
void mem_free(void *p, size_t size);
// Take these very pages; false when not all of them are free.  mem_free gives them back.
bool mem_claim(uint64_t base, uint64_t size);
// Bytes of [base, base + size), which does not wrap, that nobody has.
uint64_t mem_free_within(uint64_t base, uint64_t size);
// The n-th run of free pages, ascending; false past the last.
bool mem_free_run(unsigned n, uint64_t *base, uint64_t *size);

// First area of the Python heap; the collector adds more on its own (mem_heap_grow).
void mem_heap_first(void **start, size_t *size);
// Give back all but the first area; the collector must not look at them again.
void mem_heap_reset(void);
void *mem_heap_grow(size_t size);
void mem_heap_free(void *area);
size_t mem_heap_room(void);

extern uint8_t *mem_disk; // RAM disk, kept over soft resets
extern size_t mem_disk_size;
extern uint8_t *mem_postmortem; // NULL: no prompt after a panic
extern size_t mem_postmortem_size;
extern uint8_t *mem_dma; // DMA pool, below 4 GiB where the machine has RAM there
extern size_t mem_dma_size;

#endif
