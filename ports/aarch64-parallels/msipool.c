// SPDX-License-Identifier: MIT
// Runs of interrupt numbers, first fit.

#include "msipool.h"

#include <errno.h>

static uint32_t power_of_two(uint32_t n) {
    uint32_t p = 1;
    while (p < n) {
        p *= 2;
    }
    return p;
}

static int taken(const msipool_t *p, uint32_t at) {
    return p->map[at / 32] >> at % 32 & 1;
}

int64_t msipool_take(msipool_t *p, uint32_t count, msipool_busy_fn_t busy) {
    if (count == 0) {
        return -EINVAL;
    }
    if (count > p->count) {
        return -ENOSPC;
    }
    // The number itself is aligned, not its place in the pool: Parallels' begins at 53.
    uint32_t step = count <= MSIPOOL_ALIGNED ? power_of_two(count) : 1;
    uint32_t at = -p->base & (step - 1);
    while (at + count <= p->count) {
        uint32_t n = 0;
        while (n < count && !taken(p, at + n) && !(busy != 0 && busy(p->base + at + n))) {
            n++;
        }
        if (n == count) {
            for (n = 0; n < count; n++) {
                p->map[(at + n) / 32] |= 1u << (at + n) % 32;
            }
            p->used += count;
            return p->base + at;
        }
        at += (n + step) / step * step;
    }
    return -ENOSPC;
}

void msipool_give(msipool_t *p, uint32_t first, uint32_t count) {
    for (uint32_t at = first - p->base; count != 0 && at < p->count; at++, count--) {
        if (taken(p, at)) {
            p->map[at / 32] &= ~(1u << at % 32);
            p->used--;
        }
    }
}

int msipool_holds(const msipool_t *p, uint32_t number) {
    return number - p->base < p->count && taken(p, number - p->base);
}
