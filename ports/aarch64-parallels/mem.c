// SPDX-License-Identifier: MIT
// Physical memory allocator: address-ordered runs of free pages, first fit.  Callers ask rarely and for much.  The list
// changes with IRQ masked: hard handlers of Python free interrupt vectors and jobs.

#include "mem.h"

#include <stdbool.h>
#include <string.h>

#include "hw.h"
#include "io.h"
#include "klog.h"
#include "memlayout.h"

#define RUNS_MAX 256
#define AREAS_MAX 32
#define MIB (1024ull * 1024)
#define FIRST_HEAP_MAX (32 * MIB)
#define DISK_DEFAULT_MAX (16 * MIB)
#define DMA_DEFAULT_MAX (16 * MIB)
#define DISK_WIPE (64 * 1024)
#define POSTMORTEM_SHARE 32 // of free RAM, at most
#define DMA_BELOW 0x100000000ull

uint8_t *mem_disk;
size_t mem_disk_size;
uint8_t *mem_postmortem;
size_t mem_postmortem_size;
uint8_t *mem_dma;
size_t mem_dma_size;

static struct {
    uint64_t base, size;
} runs[RUNS_MAX];
static unsigned run_count;

static struct {
    void *base;
    size_t size;
} areas[AREAS_MAX]; // heap areas after the first
static void *first_heap;
static size_t first_heap_size;
static uint64_t heap_used, heap_limit, ram_total;

static void run_remove(unsigned i) {
    run_count--;
    for (; i < run_count; i++) {
        runs[i] = runs[i + 1];
    }
}

// Cut [base, base + size) out of run i.
static bool run_cut(unsigned i, uint64_t base, uint64_t size) {
    uint64_t end = runs[i].base + runs[i].size;
    uint64_t tail = end - (base + size);
    uint64_t head = base - runs[i].base;
    if (head != 0 && tail != 0) {
        if (run_count >= RUNS_MAX) {
            return false;
        }
        for (unsigned j = run_count; j > i + 1; j--) {
            runs[j] = runs[j - 1];
        }
        run_count++;
        runs[i].size = head;
        runs[i + 1].base = base + size;
        runs[i + 1].size = tail;
    } else if (head != 0) {
        runs[i].size = head;
    } else if (tail != 0) {
        runs[i].base = base + size;
        runs[i].size = tail;
    } else {
        run_remove(i);
    }
    return true;
}

static uint64_t at_most(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

static uint64_t pages(uint64_t size) {
    return (size + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);
}

void *mem_alloc(size_t size) {
    void *p = NULL;
    size = pages(size);
    uint64_t state = irq_save();
    for (unsigned i = 0; i < run_count && p == NULL; i++) {
        if (runs[i].size >= size && size != 0) {
            p = (void *)runs[i].base;
            run_cut(i, runs[i].base, size);
        }
    }
    irq_restore(state);
    return p;
}

// From the top of the highest run that ends below limit: leaves the large low run in one piece.
static void *alloc_high(size_t size, uint64_t limit) {
    if (size == 0) {
        return NULL;
    }
    for (unsigned i = run_count; i-- != 0;) {
        uint64_t end = runs[i].base + runs[i].size;
        end = end < limit ? end : limit;
        if (runs[i].base < end && end - runs[i].base >= size) {
            uint64_t base = end - size;
            return run_cut(i, base, size) ? (void *)base : NULL;
        }
    }
    return NULL;
}

void mem_free(void *p, size_t size) {
    uint64_t base = (uint64_t)p;
    size = pages(size);
    uint64_t state = irq_save();
    unsigned i = 0;
    while (i < run_count && runs[i].base < base) {
        i++;
    }
    bool joins_left = i != 0 && runs[i - 1].base + runs[i - 1].size == base;
    bool joins_right = i < run_count && base + size == runs[i].base;
    if (joins_left && joins_right) {
        runs[i - 1].size += size + runs[i].size;
        run_remove(i);
    } else if (joins_left) {
        runs[i - 1].size += size;
    } else if (joins_right) {
        runs[i].base = base;
        runs[i].size += size;
    } else if (run_count < RUNS_MAX) {
        for (unsigned j = run_count; j > i; j--) {
            runs[j] = runs[j - 1];
        }
        run_count++;
        runs[i].base = base;
        runs[i].size = size;
    } else {
        klog(KLOG_WARN, "mem: list full, 0x%lx bytes at 0x%lx lost", (unsigned long)size,
             (unsigned long)base);
    }
    irq_restore(state);
}

bool mem_claim(uint64_t base, uint64_t size) {
    uint64_t end = pages(base + size);
    bool claimed = false;
    base &= ~(uint64_t)(PAGE_SIZE - 1);
    uint64_t state = irq_save();
    for (unsigned i = 0; i < run_count && !claimed; i++) {
        if (runs[i].base <= base && end > base && end - runs[i].base <= runs[i].size) {
            claimed = run_cut(i, base, end - base);
        }
    }
    irq_restore(state);
    return claimed;
}

uint64_t mem_free_within(uint64_t base, uint64_t size) {
    uint64_t n = 0;
    for (unsigned i = 0; i < run_count; i++) {
        uint64_t from = base > runs[i].base ? base : runs[i].base;
        uint64_t to = at_most(base + size, runs[i].base + runs[i].size);
        n += from < to ? to - from : 0;
    }
    return n;
}

bool mem_free_run(unsigned n, uint64_t *base, uint64_t *size) {
    if (n >= run_count) {
        return false;
    }
    *base = runs[n].base;
    *size = runs[n].size;
    return true;
}

static uint64_t free_total(void) {
    uint64_t n = 0;
    for (unsigned i = 0; i < run_count; i++) {
        n += runs[i].size;
    }
    return n;
}

static uint64_t largest(void) {
    uint64_t n = 0;
    for (unsigned i = 0; i < run_count; i++) {
        n = runs[i].size > n ? runs[i].size : n;
    }
    return n;
}

void mem_init(size_t postmortem_size) {
    for (uint32_t i = 0; i < hw.mem_count; i++) {
        const hw_mem_t *m = &hw.mem[i];
        if (m->kind != HW_MEM_MMIO && m->kind != HW_MEM_FB) {
            ram_total += m->size;
        }
        if (m->kind == HW_MEM_FREE && run_count < RUNS_MAX) {
            runs[run_count].base = m->base;
            runs[run_count++].size = m->size;
        }
    }
    uint64_t total = free_total();
    if (postmortem_size != 0 && total / POSTMORTEM_SHARE >= postmortem_size) {
        mem_postmortem = alloc_high(postmortem_size, ~0ull);
    }
    mem_postmortem_size = mem_postmortem == NULL ? 0 : postmortem_size;
    mem_dma_size =
        pages(at_most(hw_option_size("dma", at_most(total / 16, DMA_DEFAULT_MAX)), total / 2));
    mem_dma = alloc_high(mem_dma_size, DMA_BELOW);
    if (mem_dma == NULL) {
        mem_dma = alloc_high(mem_dma_size, ~0ull);
    }
    mem_dma_size = mem_dma == NULL ? 0 : mem_dma_size;
    mem_disk_size =
        pages(at_most(hw_option_size("ramdisk", at_most(total / 8, DISK_DEFAULT_MAX)), total / 2));
    mem_disk = alloc_high(mem_disk_size, ~0ull);
    mem_disk_size = mem_disk == NULL ? 0 : mem_disk_size;
    if (mem_disk != NULL) {
        // A reset leaves RAM as it was: what looks like a file system there may be half of one.
        memset(mem_disk, 0, mem_disk_size < DISK_WIPE ? mem_disk_size : DISK_WIPE);
    }

    heap_limit = hw_option_size("heap", free_total());
    uint64_t first = at_most(at_most(largest() / 2, FIRST_HEAP_MAX), heap_limit);
    first_heap_size = pages(first < 64 * 1024 ? 64 * 1024 : first);
    first_heap = mem_alloc(first_heap_size);
    heap_used = first_heap_size;
    if (heap_limit < heap_used) {
        heap_limit = heap_used;
    }
}

void mem_heap_first(void **start, size_t *size) {
    *start = first_heap;
    *size = first_heap_size;
}

size_t mem_heap_room(void) {
    return at_most(largest(), heap_limit - heap_used) & ~(uint64_t)(PAGE_SIZE - 1);
}

void *mem_heap_grow(size_t size) {
    size = pages(size);
    if (size > mem_heap_room()) {
        return NULL;
    }
    for (unsigned i = 0; i < AREAS_MAX; i++) {
        if (areas[i].base == NULL) {
            void *p = mem_alloc(size);
            if (p != NULL) {
                areas[i].base = p;
                areas[i].size = size;
                heap_used += size;
            }
            return p;
        }
    }
    return NULL;
}

void mem_heap_free(void *area) {
    for (unsigned i = 0; i < AREAS_MAX; i++) {
        if (areas[i].base == area && area != NULL) {
            heap_used -= areas[i].size;
            mem_free(area, areas[i].size);
            areas[i].base = NULL;
            return;
        }
    }
}

void mem_heap_reset(void) {
    for (unsigned i = 0; i < AREAS_MAX; i++) {
        mem_heap_free(areas[i].base);
    }
}

void mem_stats(mem_stats_t *s) {
    s->ram = ram_total;
    s->free = free_total();
    s->heap = heap_used;
    s->heap_limit = heap_limit;
    s->dma = mem_dma_size;
    s->disk = mem_disk_size;
    s->postmortem = mem_postmortem_size;
}
