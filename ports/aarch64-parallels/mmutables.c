// SPDX-License-Identifier: MIT
// Chunks of 16 tables: single pages all over free RAM would break up what the Python heap grows into.

#include "mmutables.h"

#include <string.h>

#include "mem.h"
#include "memlayout.h"

#define CHUNKS_MAX 128
#define CHUNK_TABLES 16
#define CHUNK_SIZE (CHUNK_TABLES * PAGE_SIZE)

static struct {
    uint8_t *base; // NULL: no chunk
    uint16_t used; // a bit a table
} chunks[CHUNKS_MAX];
static size_t used;

static size_t chunk_count(void) {
    size_t n = 0;
    for (unsigned i = 0; i < CHUNKS_MAX; i++) {
        n += chunks[i].base != NULL;
    }
    return n;
}

bool mmutables_reserve(size_t n) {
    size_t have = chunk_count();
    for (unsigned i = 0; i < CHUNKS_MAX && have * CHUNK_TABLES < used + n; i++) {
        if (chunks[i].base == NULL) {
            chunks[i].base = mem_alloc(CHUNK_SIZE);
            if (chunks[i].base == NULL) {
                break;
            }
            have++;
        }
    }
    if (have * CHUNK_TABLES < used + n) {
        mmutables_trim();
        return false;
    }
    return true;
}

uint64_t *mmutables_new(void) {
    for (unsigned i = 0; i < CHUNKS_MAX; i++) {
        if (chunks[i].base != NULL && chunks[i].used != 0xffff) {
            unsigned at = (unsigned)__builtin_ctz(~(unsigned)chunks[i].used);
            chunks[i].used |= (uint16_t)(1u << at);
            used++;
            return memset(chunks[i].base + at * PAGE_SIZE, 0, PAGE_SIZE);
        }
    }
    return NULL;
}

// Index of the chunk that table lies in, or -1.
static int chunk_of(const uint64_t *table) {
    for (int i = 0; i < CHUNKS_MAX; i++) {
        if (chunks[i].base != NULL && (uintptr_t)table - (uintptr_t)chunks[i].base < CHUNK_SIZE) {
            return i;
        }
    }
    return -1;
}

void mmutables_free(uint64_t *table) {
    int i = chunk_of(table);
    unsigned at = (unsigned)(((uintptr_t)table - (uintptr_t)chunks[i].base) / PAGE_SIZE);
    chunks[i].used &= (uint16_t)~(1u << at);
    used--;
}

bool mmutables_owned(const uint64_t *table) {
    return chunk_of(table) >= 0;
}

bool mmutables_in(uint64_t pa, uint64_t size) {
    for (unsigned i = 0; i < CHUNKS_MAX; i++) {
        uint64_t base = (uintptr_t)chunks[i].base;
        if (base != 0 && base < pa + size && pa < base + CHUNK_SIZE) {
            return true;
        }
    }
    return false;
}

void mmutables_trim(void) {
    for (unsigned i = 0; i < CHUNKS_MAX; i++) {
        if (chunks[i].base != NULL && chunks[i].used == 0) {
            mem_free(chunks[i].base, CHUNK_SIZE);
            chunks[i].base = NULL;
        }
    }
}

void mmutables_reset(void) {
    for (unsigned i = 0; i < CHUNKS_MAX; i++) {
        chunks[i].used = 0;
    }
    used = 0;
    mmutables_trim();
}

size_t mmutables_used(void) {
    return used;
}
