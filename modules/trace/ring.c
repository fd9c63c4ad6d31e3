// SPDX-License-Identifier: MIT
// A bounded ring of register accesses.  Hard interrupt handlers put entries in too, at any time.

#include "ring.h"

#include "io.h"
#include "py/objfun.h"

static bool alike(const ring_entry_t *last, const ring_entry_t *e) {
    return last->op == e->op && last->value == e->value && last->what == e->what &&
           last->offset == e->offset && last->bits == e->bits && last->fun == e->fun &&
           last->ip == e->ip;
}

// Whether an entry was all there is to say of this access, after what is added to it here.
static bool joins(ring_entry_t *last, const ring_entry_t *e) {
    if (!alike(last, e)) {
        return false;
    }
    if (e->op == RING_WRITE && e->fault && !last->fault) {
        last->fault = true;
        return true;
    }
    if (e->op == RING_READ && e->fault == last->fault && last->times != UINT32_MAX) {
        last->times++;
        return true;
    }
    return false;
}

void ring_put(ring_t *ring, char op, bool fault, mp_obj_t what, unsigned bits, size_t offset,
              uint64_t value) {
    if (ring->paused) {
        return;
    }
    ring_entry_t e = {
        .value = value,
        .what = what,
        .times = 1,
        .offset = offset & 0xffffffffffff,
        .bits = bits & 0xff,
        .op = op & 0x7f,
        .fault = fault,
    };
    pyframe_mark_t caller;
    if (pyframe_here(&caller)) {
        e.fun = caller.fun;
        e.ip = (uint32_t)(caller.ip - caller.fun->bytecode);
    }
    uint64_t state = irq_save();
    ring_entry_t *last = &ring->entries[(ring->total - 1) % ring->capacity];
    if (ring->total == 0 || !joins(last, &e)) {
        e.ticks = cntvct(); // in here, so that entries are in the order of their times
        ring->entries[ring->total++ % ring->capacity] = e;
    }
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

pyframe_mark_t ring_caller(const ring_entry_t *e) {
    pyframe_mark_t mark = {e->fun, e->fun == NULL ? NULL : e->fun->bytecode + e->ip};
    return mark;
}
