// SPDX-License-Identifier: MIT
// A bounded ring of register accesses.  Hard interrupt handlers put entries in too, at any time.

#include "ring.h"

#include "io.h"

void ring_put(ring_t *ring, char op, mp_obj_t what, unsigned bits, size_t offset, uint64_t value) {
    if (ring->paused) {
        return;
    }
    pyframe_mark_t caller = {NULL, NULL};
    pyframe_here(&caller);
    uint64_t state = irq_save();
    // Time is taken inside, so that entries are in the order of their times.
    ring->entries[ring->total % ring->capacity] = (ring_entry_t) {
        .ticks = cntvct(),
        .value = value,
        .what = what,
        .caller = caller,
        .offset = offset & 0xffffffffffff,
        .bits = bits & 0xff,
        .op = (uint8_t)op,
    };
    ring->total++;
    irq_restore(state);
}

uint64_t ring_oldest(const ring_t *ring) {
    return ring->total > ring->capacity ? ring->total - ring->capacity : 0;
}

bool ring_get(const ring_t *ring, uint64_t n, ring_entry_t *out) {
    uint64_t state = irq_save();
    bool there = n >= ring_oldest(ring) && n < ring->total;
    if (there) {
        *out = ring->entries[n % ring->capacity];
    }
    irq_restore(state);
    return there;
}
