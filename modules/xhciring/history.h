// SPDX-License-Identifier: MIT
// The last TRBs of a ring, with their times and what became of them.

#ifndef PYRALLAX_XHCIRING_HISTORY_H
#define PYRALLAX_XHCIRING_HISTORY_H

#include "trb.h"

#define HISTORY_ENTRIES 256
#define HISTORY_LONG ((1u << 24) - 1) // µs, or longer

typedef struct {
    uint64_t us; // when it was made, or seen
    uint64_t parameter;
    uint64_t address;
    uint32_t status;
    uint32_t control;
    uint32_t residual;
    uint32_t took_us : 24; // from then until its event; HISTORY_LONG: as long as that or longer
    uint32_t code : 8;     // of its event; 0: none
} history_entry_t;

typedef struct {
    uint32_t total; // put in since the beginning, modulo 2^32
    history_entry_t entries[HISTORY_ENTRIES];
} history_t;

// Keep a TRB.  Gives its number, for history_end.  IRQ-safe.
uint32_t history_put(history_t *h, uint64_t us, uint64_t address, const trb_t *trb);
// The event of TRB n came; nothing happens when that has been pushed out.  IRQ-safe.
void history_end(history_t *h, uint32_t n, uint64_t us, unsigned code, uint32_t residual);
// How many are kept; the newest is number total - 1.
uint32_t history_count(const history_t *h);
// Copy of entry n; false: it has been pushed out, or is to come.
bool history_get(const history_t *h, uint32_t n, history_entry_t *out);

#endif
