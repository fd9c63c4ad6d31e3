// SPDX-License-Identifier: MIT
// The last TRBs of a ring, with their times and what became of them.

#include "history.h"

uint32_t history_put(history_t *h, uint64_t us, uint64_t address, const trb_t *trb) {
    h->entries[h->total % HISTORY_ENTRIES] = (history_entry_t) {
        .us = us,
        .parameter = trb->parameter,
        .address = address,
        .status = trb->status,
        .control = trb->control,
    };
    return h->total++;
}

void history_end(history_t *h, uint32_t n, uint64_t us, unsigned code, uint32_t residual) {
    if (h->total - n - 1 >= HISTORY_ENTRIES) {
        return;
    }
    history_entry_t *e = &h->entries[n % HISTORY_ENTRIES];
    uint64_t took = us - e->us;
    e->took_us = took < HISTORY_LONG ? (uint32_t)took : HISTORY_LONG;
    e->code = code & 0xff;
    e->residual = residual;
}

uint32_t history_count(const history_t *h) {
    // What was never used has no address: total may have wrapped.
    bool full = h->entries[h->total % HISTORY_ENTRIES].address != 0;
    return full ? HISTORY_ENTRIES : h->total % HISTORY_ENTRIES;
}

bool history_get(const history_t *h, uint32_t n, history_entry_t *out) {
    if (h->total - n - 1 >= history_count(h)) {
        return false;
    }
    *out = h->entries[n % HISTORY_ENTRIES];
    return true;
}
