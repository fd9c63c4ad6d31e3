// SPDX-License-Identifier: MIT
// Physical memory list: from "RAM here, reserved there, image in between" to an ascending list without
// overlaps.  Runs before the MMU is on; compiles on the host.

#include "hw.h"
#include "memlayout.h"

static void put(hw_mem_t *list, uint32_t *n, uint64_t base, uint64_t size, uint32_t kind) {
    if (size == 0) {
        return;
    }
    if (*n != 0 && list[*n - 1].kind == kind && list[*n - 1].base + list[*n - 1].size == base) {
        list[*n - 1].size += size;
        return;
    }
    list[*n].base = base;
    list[*n].size = size;
    list[*n].kind = kind;
    list[*n].type = 0;
    (*n)++;
}

int hw_mem_normalize(hw_config_t *h) {
    // Clip: RAM inwards, everything else outwards.
    uint32_t n = 0;
    for (uint32_t i = 0; i < h->mem_count; i++) {
        uint64_t base = h->mem[i].base, end = base + h->mem[i].size;
        uint32_t kind = h->mem[i].kind;
        if (end < base) {
            end = ~0ull;
        }
        if (kind == HW_MEM_FREE) {
            base = (base + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);
        } else if (end <= ~0ull - PAGE_SIZE) {
            end += PAGE_SIZE - 1;
        }
        base &= ~(uint64_t)(PAGE_SIZE - 1);
        end &= ~(uint64_t)(PAGE_SIZE - 1);
        if (kind == HW_MEM_FREE && base == 0) {
            base = PAGE_SIZE; // page 0 is never handed out
        }
        if (base < end) {
            h->mem[n].base = base;
            h->mem[n].size = end - base;
            h->mem[n].kind = kind;
            h->mem[n++].type = 0;
        }
    }
    h->mem_count = n;
    // Each border starts a piece; the piece's kind is that of the last entry that covers it.
    hw_mem_t *out = &h->mem[n];
    uint32_t room = HW_MAX_MEM - n, m = 0;
    uint64_t at = 0;
    for (;;) {
        uint64_t next = ~0ull;
        uint32_t kind = 0;
        for (uint32_t i = 0; i < n; i++) {
            uint64_t base = h->mem[i].base, end = base + h->mem[i].size;
            if (base > at && base < next) {
                next = base;
            }
            if (end > at && end < next) {
                next = end;
            }
            if (base <= at && at < end &&
                (kind == 0 || kind == HW_MEM_FREE || h->mem[i].kind != HW_MEM_FREE)) {
                kind = h->mem[i].kind;
            }
        }
        if (next == ~0ull) {
            break;
        }
        if (kind != 0) {
            if (m >= room) {
                return -1;
            }
            put(out, &m, at, next - at, kind);
        }
        at = next;
    }
    for (uint32_t i = 0; i < m; i++) {
        h->mem[i].base = out[i].base;
        h->mem[i].size = out[i].size;
        h->mem[i].kind = out[i].kind;
        h->mem[i].type = 0;
    }
    h->mem_count = m;
    return 0;
}
