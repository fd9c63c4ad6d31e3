// SPDX-License-Identifier: MIT
// A bounded ring of register accesses.

#ifndef PYRALLAX_TRACE_RING_H
#define PYRALLAX_TRACE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "modules/mmio/mmio.h"
#include "pyframe.h"

// In the collected heap, so that an entry keeps the window and the function that it names.
typedef struct {
    uint64_t ticks; // CNTVCT
    uint64_t value;
    mp_obj_t what;                      // mmio.Regs; of a mark its text
    const struct _mp_obj_fun_bc_t *fun; // the caller, NULL for none
    uint32_t ip;                        // into its bytecode
    uint32_t times; // 1; of a read that code repeated with the same result, more
    uint64_t offset : 48;
    uint64_t bits : 8;
    uint64_t op : 7; // RING_READ …
    uint64_t fault : 1;
} ring_entry_t;

enum { RING_READ = 'R', RING_WRITE = 'W', RING_MARK = 'M' };

typedef struct {
    mp_obj_base_t base;
    bool paused;
    uint32_t capacity;
    uint64_t total; // put in since clear()
    ring_entry_t *entries;
} ring_t;

extern const mp_obj_type_t ring_type;

// One entry, with the time and the caller; the oldest goes when the ring is full.  A read that the same opcode of the
// same function repeats, with nothing in between and the same result, is counted in its entry: a driver that polls does
// not push out what came before.  fault: the access raised BusError; of a write, the entry made before it says so then,
// or another one where something came between.  IRQ-safe.
void ring_put(ring_t *ring, char op, bool fault, mp_obj_t what, unsigned bits, size_t offset,
              uint64_t value);
uint64_t ring_oldest(const ring_t *ring);
// Copy of the entry that was put in as the n-th since clear(); false when it has gone or is to come.
bool ring_get(const ring_t *ring, uint64_t n, ring_entry_t *out);
// The caller of an entry, for pyframe_locate.
pyframe_mark_t ring_caller(const ring_entry_t *entry);

#endif
